"""The lines of an explanation (spatial.saying.explain), in Chinese and English."""

from collections.abc import Mapping

from spatial.saying.pairs import Pair

LINES: Mapping[str, Pair] = {
    # headings
    "asked": ("问的是什么", "What was asked"),
    "grounds": ("依据哪些规则和登记资料", "By which rules and which registers"),
    "conflict": (
        "{grade}：{asset} {source_id}（{utility}，数据集 {dataset}）",
        "{grade}: {asset} {source_id} ({utility}, dataset {dataset})",
    ),
    "sections": ("沿线各段", "Stretch by stretch"),
    "unknowns": ("哪些不清楚", "What is not known"),
    "outcome": ("结论", "The outcome"),
    "next": ("接下来做什么", "What to do next"),
    # words
    "not_stated": ("未说明", "not stated"),
    "none": ("不在范围内", "outside"),
    "unverified": ("（尚待核实）", " (unverified)"),
    "from_permit": ("申报资料", "permit"),
    "from_register": ("登记资料", "register"),
    # what was asked
    "acts": ("作业：{acts}；施工方式：{method}", "Acts: {acts}; method: {method}"),
    "depth": ("开挖深度 {depth_m} m（申报）", "Depth of the dig {depth_m} m (as stated)"),
    "depth_unknown": (
        "开挖深度未说明：不作竖向减免",
        "Depth of the dig not stated: no vertical relief",
    ),
    "half_width": (
        "地面实际开挖的半宽 {half_width_m} m，从所画图形向外计",
        "Half width of the ground opened at the surface {half_width_m} m, taken from the drawn shape outwards",
    ),
    "half_width_bored": (
        "钻孔的半宽 {half_width_m} m，从所画路径向两侧计",
        "Half width of the bore {half_width_m} m, to either side of the path drawn",
    ),
    "half_width_loaded": (
        "受压地面的半宽 {half_width_m} m，从该带中线向两侧计",
        "Half width of the ground loaded {half_width_m} m, to either side of the middle of the strip",
    ),
    "half_width_assumed": (
        "宽度未说明，半宽按 {half_width_m} m 计（规则默认值，尚待核实）",
        "Width not stated: a half width of {half_width_m} m is taken (default of the rules, unverified)",
    ),
    "trench": ("· 断面：{bottom}，{walls}", "- of its section: {bottom}, {walls}"),
    "bottom_width": ("底宽 {bottom_width_m} m（申报）", "bottom width {bottom_width_m} m (as stated)"),
    "bottom_drawn": ("所画为坑底轮廓", "the outline drawn is that of the floor"),
    "bottom_unstated": ("底宽未说明", "bottom width not stated"),
    "walls": ("边坡 {ratio}（申报）", "walls sloped {ratio} (as stated)"),
    "walls_assumed": (
        "边坡按 {ratio} 计（规则默认值，尚待核实）",
        "walls taken as sloped {ratio} (default of the rules, unverified)",
    ),
    "walls_shored": ("沟壁直立支护（申报）", "walls shored and upright (as stated)"),
    "bore_path": (
        "钻孔轴线在地面以下的深度（申报）：{points}；孔径 {diameter}",
        "Path of the bore, its axis below ground (as stated): {points}; diameter {diameter}",
    ),
    "site_crs": (
        "位置：声明坐标系 {crs}，经“{operation}”转为 CGCS2000",
        "Place: declared in {crs}, carried into CGCS2000 by '{operation}'",
    ),
    "term": ("· {said}［来源：{source}］", "- {said} [source: {source}]"),
    "site_doubt": (
        "作业位置的不确定度合计 {uncertainty_m} m（95%，各项直接相加）",
        "Doubt of the dig's place in all {uncertainty_m} m (95 %, terms added up)",
    ),
    # grounds
    "rules": (
        "规则 {id}，版本 {version}，文件摘要 {sha256}…",
        "Rules {id}, version {version}, digest of the document {sha256}…",
    ),
    "register": (
        "判断日期 {on}，登记资料第 {revision} 次修订，判断程序 {engine}",
        "Judged for {on} against revision {revision} of the register, by {engine}",
    ),
    "utility": (
        "{name}（{code}）：资料截至 {date}，{revisions}；对此处的资料{coverage}",
        "{name} ({code}): data as of {date}, {revisions}; its register {coverage}",
    ),
    "revision": ("数据集 {dataset} 第 {number} 次修订", "dataset {dataset} at revision {number}"),
    "coverage_holds": ("申明完整且未过期", "is declared complete here and is within its promised age"),
    "coverage_lacks": (
        "未申明完整或已过期（见“哪些不清楚”）",
        "is not declared complete here, or too old (see what is not known)",
    ),
    "no_utilities": (
        "没有企业申明此处属于其服务范围",
        "No utility has declared this ground its service area",
    ),
    # one conflict
    "axis_met": (
        "管道轴线（或设施中心）在开挖范围内：距离 0 m",
        "The pipe's axis (or the facility's centre) lies in the ground opened: distance 0 m",
    ),
    "axis_distance": (
        "从开挖范围边缘到管道轴线（或设施中心、外边）{centre_m} m",
        "From the edge of the ground opened to the pipe's axis (or the facility's centre or wall) {centre_m} m",
    ),
    "radius": (
        "减去外半径 {radius_m} m（登记外径 {mm} mm）",
        "less the outer radius {radius_m} m (outside diameter {mm} mm by the register)",
    ),
    "radius_assumed": (
        "减去外半径 {radius_m} m（管径未知，取该级别最大外径 {mm} mm，规则默认值，尚待核实）",
        "less the outer radius {radius_m} m (diameter unknown: the largest of its class, {mm} mm, default of the rules, "
        "unverified)",
    ),
    "clearance": ("到管道外壁的净距 {clearance_m} m", "Clearance to the outer wall {clearance_m} m"),
    "limits": (
        "{pressure_class}{asset}：保护范围 {protection_m} m，控制范围 {control_m} m，从外缘起算〔{clause}；来源 {source}〕"
        "{verified}",
        "{asset}, {pressure_class}: protection zone {protection_m} m, control zone {control_m} m from the outer wall "
        "[{clause}; source {source}]{verified}",
    ),
    "zone": ("按登记位置：{zone}", "As registered: {zone}"),
    "at_worst": (
        "不确定度合计 {uncertainty_m} m：最不利时净距 {clearance_m} − {uncertainty_m}，即 {worst_m} m（不小于 0）：{zone}；"
        "{certainty}",
        "Doubt in all {uncertainty_m} m: at worst the clearance is {clearance_m} - {uncertainty_m}, so {worst_m} m (not "
        "below 0): {zone}; {certainty}",
    ),
    "requirement": (
        "在{zone}内{act}（施工方式：{method}）：{requirement}〔{clause}〕",
        "To {act} (method: {method}) in the {zone}: {requirement} [{clause}]",
    ),
    "requirement_at_worst": (
        "若管道实际在最不利位置：{requirement}",
        "Should the pipe lie at its worst place: {requirement}",
    ),
    "grade_at_record": ("按登记位置的等级：{grade}（{why}）", "Grade as registered: {grade} ({why})"),
    "grade_at_worst": ("按最不利位置的等级：{grade}（{why}）", "Grade at worst: {grade} ({why})"),
    "because_outside": ("登记位置在控制范围外", "as registered it is outside the control zone"),
    "because_zone": ("在{zone}内", "inside the {zone}"),
    "because_wall": ("作业范围到达管壁", "the dig reaches the wall"),
    "because_forbidden": ("该作业在此禁止", "the act is forbidden there"),
    "because_doubt": (
        "净距不大于不确定度：可能已到管壁",
        "the clearance is no more than the doubt: the wall may be reached",
    ),
    "because_wide_doubt": (
        "可能已到管壁，但不确定度比控制范围还宽",
        "the wall may be reached, by a doubt that is wider than the control zone itself",
    ),
    "because_relieved": (
        "平面上可能到达管壁，但竖向够不着",
        "in plan the wall may be reached, in depth it cannot",
    ),
    "because_inside_at_worst": (
        "计入不确定度后在控制范围内",
        "inside the control zone once the doubt is counted",
    ),
    "depth_term": ("· 竖向：{said}［来源：{source}］", "- in depth: {said} [source: {source}]"),
    "grade": ("取两者中较重的：{grade}", "The worse of the two: {grade}"),
    "note": ("注：{said}", "Note: {said}"),
    "on_site": ("在作业线上：{spans}", "On the dig: {spans}"),
    "on_pipe": ("在管道上：{spans}（自登记起点）", "On the pipe: {spans} (from its registered beginning)"),
    "advice": ("→ {said}", "→ {said}"),
    # sections
    "section": (
        "{span}：{grade}，{requirement}（{source_ids}）",
        "{span}: {grade}, {requirement} ({source_ids})",
    ),
    "section_by_hand": (
        "{span}：{grade}，{requirement}，只准人工开挖（{source_ids}）",
        "{span}: {grade}, {requirement}, hand only ({source_ids})",
    ),
    "section_of_route": (
        "{span}：最高{grade}，{requirement}，其中 {held} 米受限，涉及 {count} 条管道",
        "{span}: at worst {grade}, {requirement}, {held} m of it held, pipes: {count}",
    ),
    "section_free": ("{span}：{verdict}", "{span}: {verdict}"),
    # crossings
    "crosses": ("{at} 处与管道轴线相交，夹角 {angle}°", "at {at} the axes cross at {angle}°"),
    "runs_along": ("{span} 与管道轴线重合", "on {span} the axes run along one another"),
    "bore_there": ("；钻孔轴线深 {depth} m", "; the bore's axis there is {depth} m deep"),
    "pipe_depth_unknown": (
        "；管道埋深未沿全长探明，竖向净距无法判断",
        "; the pipe's depth was not followed along it, so no vertical clearance can be told",
    ),
    "vertical_gap": ("，{passes}，竖向净距 {gap} m", ", it {passes}, {gap} m between the walls"),
    "vertical_gap_at_worst": ("（计入全部不确定度 {gap} m）", " ({gap} m with every doubt counted)"),
    # outcome
    "worst_grade": ("最重等级：{grade}", "Worst grade: {grade}"),
    "valid": ("有效至 {valid_until}", "Valid to {valid_until}"),
}
