-- name: dataset_records
SELECT utility, dataset, valid_from AS revision, data_date, received, rejected, boxless_rejected, assets, length_m, crs,
       operation, operation_accuracy_m, sources, warnings, findings
  FROM predig.dataset
 WHERE utility = %(utility)s AND valid_from <= %(revision)s AND (valid_to IS NULL OR valid_to > %(revision)s)
 ORDER BY dataset;

-- name: last_change
-- The revision at which a dataset became what it is at another one.
SELECT max(revision) FROM predig.revision
 WHERE utility = %(utility)s AND dataset = %(dataset)s AND revision <= %(revision)s;

-- name: kept_figures
SELECT figures FROM predig.dataset_figures
 WHERE utility = %(utility)s AND dataset = %(dataset)s AND revision = %(revision)s;

-- name: keep_figures
SELECT predig.keep_figures(%(utility)s, %(dataset)s, %(revision)s);

-- name: dataset_assets
SELECT * FROM predig.dataset_assets(%(utility)s, %(dataset)s, %(revision)s);

-- name: service_area_at
SELECT predig.service_area_at(%(utility)s, %(revision)s);
