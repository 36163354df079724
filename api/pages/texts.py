"""What the pages say, in Chinese and English. Words of the trade come from spatial.saying.texts.

安全 is never a verdict here either.
"""

from collections.abc import Mapping
from typing import Any

from api.pages import place_texts, register_texts
from spatial.errors import Language

Pair = tuple[str, str]
"""(zh, en)."""

TEXTS: Mapping[str, Pair] = {
    **register_texts.TEXTS,
    **place_texts.TEXTS,
    # every page
    "name": ("动土前", "before you dig"),
    "nav": ("主导航", "main"),
    "nav_ask": ("查询与备案", "Ask and file"),
    "nav_alerts": ("告警", "Alerts"),
    "nav_risk": ("风险图", "Risk map"),
    "language": ("English", "中文"),
    "account": ("未登录（本机使用）", "no account (this machine only)"),
    "skip": ("跳到正文", "skip to content"),
    "needs_script": (
        "此页需要脚本才能画图和判断。也可用命令行：predig screen 与 predig file。",
        "Drawing and judging need scripts. The command line does without: predig screen and predig file.",
    ),
    "stamp": ("%Y年%-m月%-d日 %H:%M", "%Y-%m-%d %H:%M"),
    # errors
    "not_found": ("没有这个页面", "there is no such page"),
    "unavailable": ("系统暂时不能使用", "not available for the moment"),
    "sorry": ("这一步没有完成", "this could not be done"),
    "sorry_database_gone": (
        "服务器暂时连不上数据库。本页每 10 秒自动再试；在此之前按有管道对待。",
        "The server cannot reach its database just now. This page tries again every 10 seconds; until "
        "then treat the ground as if a gas pipe lay there.",
    ),
    "sorry_too_slow": (
        "服务器太忙，这一页没有及时做好。本页每 10 秒自动再试；在此之前按有管道对待。",
        "The server is too busy and this page was not ready in time. It tries again every 10 seconds; until then treat "
        "the ground as if a gas pipe lay there.",
    ),
    "sorry_path_unknown": (
        "请核对网址是否抄全，或从首页重新开始。",
        "Check that the whole address was copied, or start again from the first page.",
    ),
    "back": ("回到查询与备案", "back to asking and filing"),
    # ask: the ground
    "ask_title": ("在哪里动土", "Where do you dig"),
    "mode": ("怎样给出范围", "how to give the ground"),
    "mode_draw": ("在图上画", "Draw"),
    "mode_upload": ("上传文件", "Upload"),
    "mode_paste": ("粘贴坐标", "Paste"),
    "draw_area": ("画面", "Area"),
    "draw_line": ("画线", "Line"),
    "draw_point": ("画点", "Point"),
    "draw_edit": ("改形状", "Reshape"),
    "draw_edit_done": ("改好了", "Done"),
    "draw_finish": ("完成", "Finish"),
    "draw_undo": ("退一点", "Undo point"),
    "draw_cancel": ("不画了", "Cancel"),
    "hint_start": (
        "选一种画法，然后在图上逐点点击。键盘操作请用“粘贴坐标”。",
        "Choose a shape, then click its points on the map. With a keyboard, use Paste.",
    ),
    "hint_area": (
        "点击各角点，点回第一点或按“完成”。",
        "Click each corner; click the first again, or Finish.",
    ),
    "hint_line": (
        "从起点（K0+000）依次点击，点最后一点或按“完成”。",
        "Click from the start (K0+000) on; click the last point again, or Finish.",
    ),
    "hint_point": ("点击中心，再点击边缘定半径。", "Click the centre, then the edge."),
    "hint_edit": (
        "拖动各点；右键或长按一个点可删除它。",
        "Drag the points; right-click or hold one to remove it.",
    ),
    "goto": ("转到坐标", "Go to"),
    "goto_hint": ("经度 纬度，例如 101.7780 36.6170", "longitude latitude, e.g. 101.7780 36.6170"),
    "goto_go": ("转到", "Go"),
    "goto_bad": (
        "没有读到经度和纬度：先写经度，例如 101.7780 36.6170",
        "no longitude and latitude read: longitude first, e.g. 101.7780 36.6170",
    ),
    "map": ("作业位置图", "map of the dig site"),
    "map_crs": ("图上坐标：{crs}", "coordinates on the map: {crs}"),
    "no_tiles": (
        "未配置底图：按坐标网、比例尺和坐标定位。",
        "no base map is set: find your place by grid, scale and coordinates.",
    ),
    "shapes": ("作业范围", "dig sites"),
    "shape_area": ("面", "area"),
    "shape_line": ("线", "line"),
    "shape_point": ("点", "point"),
    "about": ("约", "about"),
    "width_m": ("开挖宽度（米）", "width opened (m)"),
    "radius_m": ("半径（米）", "radius (m)"),
    "start_station": ("起点桩号", "station of the start"),
    "remove": ("删除", "Remove"),
    "zoom_to": ("看这里", "Show"),
    "file": ("开挖方案文件", "file of the dig plan"),
    "file_hint": (
        "GeoJSON、KML/KMZ、DXF、Shapefile（zip）、GeoPackage、坐标表（.xlsx、.csv）、GPX、WKT：面、带 half_width_m 的线、带 radius_m 的点。要素自带的 act、"
        "method、depth_m 优先于此页的选择。",
        "GeoJSON, KML/KMZ, DXF, Shapefile (zip), GeoPackage, a table of coordinates (.xlsx, .csv), GPX, WKT: areas, lines with half_width_m, points with "
        "radius_m. A feature's own act, method and depth_m go before what is chosen here.",
    ),
    "layer": ("图层或工作表", "layer or sheet"),
    "units": ("图纸单位", "units of the drawing"),
    "points_are": ("点或闭合线是", "points or closed lines are"),
    "points_are_area": ("开挖范围", "the ground dug"),
    "points_are_line": ("沟槽轴线", "the axis of a trench"),
    "points_are_points": ("孔位", "holes"),
    "file_opening": ("正在读取文件……", "reading the file …"),
    "file_unsent": (
        "文件未能送达，请检查网络后重新选择文件",
        "the file did not get through: check the connection and choose it again",
    ),
    "file_unreadable": (
        "这个文件不是可读取的 JSON，请重新导出为 GeoJSON",
        "this file is not readable JSON: export it again as GeoJSON",
    ),
    "file_large": ("文件超过 {mb} MB，请分成几份", "the file is larger than {mb} MB: divide it"),
    "coordinates": ("坐标", "coordinates"),
    "coordinates_hint": (
        "每行一点：两个数，用逗号或空格隔开；行首可写点号，例如 J1。",
        "one point a line: two numbers with a comma or blank between; a label such as J1 may come first.",
    ),
    "order": ("先写哪个数", "which number comes first"),
    "order_xy": ("东坐标／经度在前", "easting / longitude first"),
    "order_yx": ("北坐标／纬度在前（测量 X、Y）", "northing / latitude first (surveyor's X, Y)"),
    "paste_kind": ("这些点连成", "these points are"),
    "paste_area": ("一个面", "one area"),
    "paste_line": ("一条线", "one line"),
    "paste_point": ("各自一个点", "a point each"),
    "line_two_numbers": (
        "第 {line} 行应为两个数（行首可有点号），读到的是“{text}”",
        "line {line} should hold two numbers (a label may come first), it says '{text}'",
    ),
    "too_few": (
        "{kind}至少要 {least} 个点，现在有 {count} 个",
        "{kind}: at least {least} points, there are {count}",
    ),
    "crs": ("坐标系", "coordinate system"),
    "crs_choose": ("请选择，系统不会猜测", "choose: it is never guessed"),
    "crs_other": ("其他（写编号）", "another (give its code)"),
    "crs_code": ("坐标系编号", "code"),
    "crs_code_hint": ("例如 EPSG:4513 或 grid:名称", "for example EPSG:4513 or grid:NAME"),
    # ask: the work
    "work_title": ("做什么", "What is done"),
    "acts": ("作业类型（可多选）", "acts (one or more)"),
    "acts_more": ("其他作业", "other acts"),
    "method": ("施工方式", "method"),
    "method_unknown": ("未说明（按机械）", "not stated"),
    "depth_m": ("深度（米）", "depth (m)"),
    "depth_hint": ("可留空", "if known"),
    "kind": ("类别", "kind"),
    "drawn": ("图形怎么来的", "how the shape came about"),
    "drawn_unsaid": ("未说明", "not stated"),
    "section_title": (
        "沟槽断面（知道就填：判断的是真正挖开的地面）",
        "Section of the trench (what is really opened is what is judged)",
    ),
    "bottom_width_m": ("沟底宽（米）", "bottom width (m)"),
    "walls": ("沟壁", "walls"),
    "walls_unsaid": ("未说明", "not stated"),
    "walls_sloped": ("放坡", "sloped"),
    "walls_shored": ("直立支护", "shored, upright"),
    "slope": ("坡度", "slope"),
    "sketch_top": ("上口 {metres} m", "top {metres} m"),
    "sketch_bottom": ("底 {metres} m", "bottom {metres} m"),
    "sketch_depth": ("深 {metres} m", "depth {metres} m"),
    "sketch_unknown": ("填深度和沟底宽，这里画出断面", "with depth and bottom width the section shows here"),
    "sketch_default": (
        "未说明沟壁：按 1:{ratio} 放坡计（默认值，尚待核实）",
        "walls not stated: taken as sloped 1:{ratio} (a default, unverified)",
    ),
    "bore_title": ("钻孔轨迹", "Path of the bore"),
    "bore_depths": ("线上各点的孔轴深度（米）", "depth of the bore's axis at each point of the line (m)"),
    "bore_hint": (
        "从起点到终点，每点一个数，用逗号或空格隔开；其间按直线。不填则只按平面判断。",
        "From start to end, one number a point, with commas or blanks; straight in between. Left empty it is judged in plan only.",
    ),
    "bore_bad": (
        "这里要写数字：每个点一个深度，例如 0.5, 3.5, 3.5, 0.5",
        "numbers are wanted here, a depth for each point, e.g. 0.5, 3.5, 3.5, 0.5",
    ),
    "bore_diameter": ("最大孔径（毫米）", "widest hole (mm)"),
    "bore_plan": ("平面精度（米）", "accuracy in plan (m)"),
    "bore_depth": ("深度精度（米）", "accuracy in depth (m)"),
    # ask: the verdict
    "verdict_title": ("结论", "Verdict"),
    "verdict_none": (
        "画好或给出范围后，这里显示结论。未判断之前，按有管道对待。",
        "Give the ground and the verdict shows here. Until then treat it as if a pipe lay there.",
    ),
    "verdict_waiting": ("已有改动，正在重新判断…", "changed: being judged again…"),
    "verdict_drawing": ("画完后判断", "judged once the shape is finished"),
    "verdict_failed": (
        "未能判断，按有管道对待",
        "it could not be judged: treat the ground as if a pipe lay there",
    ),
    "verdict_refused": ("还不能判断，请先改正标出的各项", "not judged yet: mend what is marked"),
    "verdict_no_answer": (
        "服务器没有回答，稍后会再试；也可改动一项后重试。",
        "the server did not answer; it is tried again shortly.",
    ),
    "retry": ("再试一次", "Try again"),
    "conflicts": ("涉及的管道（{count}）", "pipes involved ({count})"),
    "more_conflicts": ("另有 {count} 处，备案后全部列出", "{count} more: all are listed once it is filed"),
    "more_sites": ("另有 {count} 个作业范围未在此列出", "{count} more dig sites are not listed here"),
    "unknowns": ("尚不清楚", "Not known"),
    "stretches": ("沿线各段", "Stretch by stretch"),
    "helps": ("如何减轻", "What would help"),
    "advice": ("怎么办", "What to do"),
    "why": ("为什么", "Why"),
    "site": ("作业范围 {feature_id}", "dig site {feature_id}"),
    "clearance": ("净距", "clearance"),
    "where": ("位置", "where"),
    "along": ("沿管道 {metres} m", "{metres} m along the pipe"),
    "zone": ("范围", "zone"),
    "clause": ("依据", "clause"),
    "diameter": ("外径 {mm} mm", "outside diameter {mm} mm"),
    "diameter_unknown": ("管径未知", "diameter unknown"),
    "class_unknown": ("压力级别未知", "pressure class unknown"),
    "valid_until": ("有效至 {day}", "valid to {day}"),
    "data_date": ("资料截至 {day}", "data as of {day}"),
    "enquiry_note": (
        "查询会留存，但不是备案。",
        "Enquiries are kept, but an enquiry is no filing.",
    ),
    # ask: the filing
    "file_title": ("备案", "File"),
    "title": ("工程名称", "name of the work"),
    "starts_on": ("开工日期", "first day"),
    "ends_on": ("完工日期", "last day"),
    "contractor": ("施工单位", "contractor"),
    "builder": ("建设单位", "builder"),
    "supervisor": ("监理单位", "supervisor"),
    "driver": ("操作手", "driver"),
    "firm_name": ("单位名称", "name"),
    "driver_name": ("姓名", "name"),
    "person": ("联系人", "contact"),
    "phone": ("电话", "phone"),
    "more_parties": (
        "建设、监理单位，许可证号，机械（可不填）",
        "builder, supervisor, permit numbers, machine (optional)",
    ),
    "permit_numbers": ("许可证号", "permit numbers"),
    "permit_numbers_hint": ("多个用逗号隔开", "several with commas"),
    "machine": ("机械", "machine"),
    "submit": ("备案", "File"),
    "submitting": ("正在备案…", "filing…"),
    "file_note": (
        "备案后自动判断，结论和通知时限显示在许可页。备案不等于可以开工。",
        "Once filed it is judged; verdict and notice times stand on its page. A filing is no permission to start.",
    ),
    "filing_refused": ("没有备案，请改正标出的各项", "not filed: mend what is marked"),
    "filing_no_answer": (
        "服务器没有回答。再按一次“备案”即可，不会重复备案。",
        "The server did not answer. Press File again: it will not be filed twice.",
    ),
    "filed_here": ("本浏览器备案过的许可", "filed from this browser"),
    "fill_in": ("请填写", "fill this in"),
    "nothing_to_file": ("先给出作业范围", "give the ground first"),
    # a permit
    "permit": ("许可", "permit"),
    "permit_number": ("编号 {id}", "no. {id}"),
    "status": ("状态", "status"),
    "status_pending_note": (
        "待判定：下面的结论可能已过时，按有管道对待。本页会自动更新。",
        "Pending: what stands below may be out of date; treat the ground as if a pipe lay there. This page updates itself.",
    ),
    "filed_at": ("备案于 {stamp}", "filed {stamp}"),
    "works_from_to": ("{starts} 至 {ends}", "{starts} to {ends}"),
    "earliest_start": ("最早开工", "earliest start"),
    "briefing_map": ("交底图", "briefing map"),
    "open_map": ("单独打开（可离线、可打印）", "open alone (works off line, prints)"),
    "judgements": ("全部判断记录", "all judgements"),
    "judgements_none": ("还没有判断", "none yet"),
    "judged_site": ("作业范围", "dig site"),
    "judged_when": ("时间", "when"),
    "judged_outcome": ("结论", "outcome"),
    "judged_revision": ("登记册版本", "register revision"),
    "judged_standing": ("现行", "stands"),
    "map_link": ("图", "map"),
    "save_no_answer": (
        "服务器没有回答，不知道是否已保存。请过几秒再按一次。",
        "The server did not answer, and whether it was saved is not known. Press again in a few seconds.",
    ),
    "change": ("变更", "Change"),
    "change_dates_do": ("保存日期", "Save dates"),
    "change_note": (
        "改动后重新判断。要改范围，请重新备案并撤销本许可。",
        "A change is judged anew. To move the ground, file again and cancel this permit.",
    ),
    "cancel": ("撤销许可", "Cancel the permit"),
    "cancel_sure": (
        "撤销后不能恢复，须重新备案。确定撤销？",
        "This cannot be undone; you would file again. Cancel it?",
    ),
    "cancel_yes": ("确定撤销", "Yes, cancel it"),
    "cancel_no": ("不撤销", "Keep it"),
    # alerts
    "alerts_title": ("燃气企业的告警", "A utility's alerts"),
    "alerts_lead": (
        "备案的作业涉及本企业管道时列在这里；管网或规则变化后重新判断，差异也在这里。",
        "Filed digs that concern your pipes; what changes when network or rules change comes here as well.",
    ),
    "utility": ("燃气企业", "utility"),
    "all": ("全部", "all"),
    "grade": ("等级", "grade"),
    "state": ("处理", "state"),
    "filter": ("筛选", "Filter"),
    "alerts_none": ("没有符合条件的告警。", "No alert matches."),
    "alerts_none_note": (
        "没有告警不等于没有施工：未备案的作业不在其中。",
        "No alert does not mean nobody digs: what nobody filed is not here.",
    ),
    "alerts_count": ("{count} 条", "{count}"),
    "alerts_map": ("涉及的作业位置", "where the digs are"),
    "alerts_map_note": ("图上只有作业范围，没有管道。", "dig sites only, no pipes"),
    "pipe": ("管道", "pipe"),
    "raised_at": ("时间", "raised"),
    "alert_cancelled": ("许可已撤销", "permit cancelled"),
    "acknowledge": ("确认收到", "Acknowledge"),
    "acknowledge_by": ("确认人", "your name"),
    "acknowledge_note": ("备注", "note"),
    "acknowledged_by": ("{by} 于 {stamp} 确认", "acknowledged by {by}, {stamp}"),
    "older": ("下一页", "Next page"),
    "first_page": ("第一页", "First page"),
    # risk
    "risk_title": ("青海省风险图", "Risk map of Qinghai"),
    "risk_lead": (
        "按县汇总：未结冲突、资料陈旧程度、没有资料的地方。不含管道位置。",
        "By county: open conflicts, age of the registers, ground without data. No pipe is shown.",
    ),
    "risk_map": ("风险图", "risk map"),
    "risk_png": ("下载图片", "Download as picture"),
    "risk_html": ("下载单个网页", "Download as one page"),
}


def text(name: str, language: Language, **parameters: Any) -> str:
    """One text for the reader, its {parameters} filled in."""
    said = TEXTS[name][0 if language == "zh" else 1]
    return said.format(**parameters) if parameters else said


SYSTEMS: tuple[tuple[str, Pair], ...] = (
    ("EPSG:4490", ("CGCS2000 经纬度（EPSG:4490）", "CGCS2000 longitude/latitude (EPSG:4490)")),
    ("EPSG:4326", ("WGS 84 经纬度，卫星定位（EPSG:4326）", "WGS 84 longitude/latitude, GPS (EPSG:4326)")),
    ("GCJ-02", ("GCJ-02，高德、腾讯地图", "GCJ-02 (Amap, Tencent)")),
    ("BD-09", ("BD-09，百度地图", "BD-09 (Baidu)")),
    ("EPSG:4543", ("CGCS2000 3 度带，中央子午线 102°，无带号（EPSG:4543）西宁、海东", "CGCS2000 3-degree, 102E, no zone prefix (EPSG:4543) Xining")),
    ("EPSG:4522", ("CGCS2000 3 度带 34 带，东坐标以 34 开头（EPSG:4522）西宁、海东", "CGCS2000 3-degree zone 34, prefixed (EPSG:4522) Xining")),
    ("EPSG:4542", ("CGCS2000 3 度带，中央子午线 99°，无带号（EPSG:4542）祁连、刚察", "CGCS2000 3-degree, 99E, no prefix (EPSG:4542)")),
    ("EPSG:4521", ("CGCS2000 3 度带 33 带，东坐标以 33 开头（EPSG:4521）祁连、刚察", "CGCS2000 3-degree zone 33, prefixed (EPSG:4521)")),
    ("EPSG:4541", ("CGCS2000 3 度带，中央子午线 96°，无带号（EPSG:4541）格尔木、德令哈、玉树", "CGCS2000 3-degree, 96E, no prefix (EPSG:4541)")),
    ("EPSG:4520", ("CGCS2000 3 度带 32 带，东坐标以 32 开头（EPSG:4520）格尔木、德令哈、玉树", "CGCS2000 3-degree zone 32, prefixed (EPSG:4520)")),
    ("EPSG:4540", ("CGCS2000 3 度带，中央子午线 93°，无带号（EPSG:4540）", "CGCS2000 3-degree, 93E, no prefix (EPSG:4540)")),
    ("EPSG:4519", ("CGCS2000 3 度带 31 带，东坐标以 31 开头（EPSG:4519）", "CGCS2000 3-degree zone 31, prefixed (EPSG:4519)")),
    ("EPSG:4539", ("CGCS2000 3 度带，中央子午线 90°，无带号（EPSG:4539）茫崖", "CGCS2000 3-degree, 90E, no prefix (EPSG:4539)")),
    ("EPSG:4518", ("CGCS2000 3 度带 30 带，东坐标以 30 开头（EPSG:4518）茫崖", "CGCS2000 3-degree zone 30, prefixed (EPSG:4518)")),
)  # fmt: skip
"""What plans in Qinghai come in; any other code can be written. Zones and towns: reference rules, 6."""
