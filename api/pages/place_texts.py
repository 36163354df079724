"""What the page for asking says of where the ground is: what was read of a file, known points, and the phone's place."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    # what was read
    "layer_hint": ("只有一个时可不填", "only where there are several"),
    "units_of_file": ("按图纸所写", "as the drawing says"),
    "crs_ask": (
        "向设计单位问三样：坐标系名称（CGCS2000、西安80……）、中央子午线或带号、东坐标前是否带带号；城市独立坐标须问登记的名称。问不到就选“不知道：指认三个已知点”。",
        "Ask the designer for three things: the system's name (CGCS2000, Xian 80 …), its central meridian or zone, and whether eastings begin with the zone's number; "
        "of a city's own grid its registered name. If nobody knows, choose “not known: point at three known places”.",
    ),
    "crs_points": ("不知道：指认三个已知点", "not known: point at three known places"),
    "comma": ("，", ", "),
    "stop": ("。", ". "),
    "understood_count": ("读到 {count} 个图形（图上虚线）", "shapes read: {count} (dashed on the map)"),
    "understood_long": ("共长 {amount}", "together {amount} long"),
    "understood_large": ("面积共 {amount}", "together {amount}"),
    "understood_in": ("坐标系：{system}", "system: {system}"),
    "understood_doubt": ("位置误差 ±{metres} m（浅色带）", "place known to ±{metres} m (light band)"),
    "understood_exact": ("位置按图上坐标精确计", "the place taken as exact"),
    "by_points": ("按指认的已知点", "by the known points"),
    "lies_in": (
        "图形落在{county}，距您先前查看的位置 {km} km",
        "It lies in {county}, {km} km from where you were looking",
    ),
    "lies_away": ("图形距您先前查看的位置 {km} km", "It lies {km} km from where you were looking"),
    "lies_far": ("请核对坐标系和带号是否选对", "Check that system and zone are the right ones"),
    # ask: three known points
    "points_how": (
        "在图样上点一个角点，再在地图上点同一处；至少三处，不要在一条直线上。坐标也可直接填写（图上东坐标 x、北坐标 y；地面经度、纬度）。",
        "Click a corner in the sketch of the drawing, then the same place on the map; three at least, not in one line. Numbers can be "
        "typed too: x (east) and y (north) of the drawing, longitude and latitude on the ground.",
    ),
    "points_no_tiles": (
        "本系统未配置底图：请填写经纬度，或站在该点上按“我站在这里”。",
        "There is no base map here: type longitude and latitude, or stand on the place and press 'I stand here'.",
    ),
    "points_sketch": ("图样：点角点", "sketch of the drawing: click a corner"),
    "points_left": ("还差 {left} 个点", "{left} more needed"),
    "points_enough": (
        "已够三点，正按这些点定位；多一个点更可靠",
        "enough: the drawing is placed by these; one more makes it surer",
    ),
    "point_here": ("我站在这里", "I stand here"),
    "point_doubt": ("误差 ±{metres} m", "known to ±{metres} m"),
    "point_miss": ("与其余点相差 {metres} m", "{metres} m from where the others put it"),
    "longitude": ("经度", "longitude"),
    "latitude": ("纬度", "latitude"),
    # ask: where the phone is
    "pin": ("我的位置", "Here"),
    "walk": ("走一遍", "Walk it"),
    "walk_line": ("连成线", "Make a line"),
    "walk_area": ("围成面", "Make an area"),
    "walk_state": (
        "正在记录：{count} 点，约 {metres} m；精度差于 30 m 而未用 {dropped} 点。请沿线或绕一圈走，屏幕保持亮着。",
        "recording: {count} points, about {metres} m; {dropped} left out, known worse than 30 m. Walk along it or round it, "
        "with the screen on.",
    ),
    "walk_told": (
        "已记下 {count} 点，位置误差 ±{metres} m；精度差而未用 {dropped} 点。请与实地核对，不符则重画。",
        "{count} points kept, known to ±{metres} m; {dropped} left out, known too badly. Check it against the ground; draw it if it differs.",
    ),
    "pin_told": (
        "已在您的位置放一个点，误差 ±{metres} m。请与实地核对，并填写开挖半径。",
        "A point was put where you are, known to ±{metres} m. Check it against the ground and fill in the radius dug.",
    ),
    "here_asking": ("正在定位……", "finding where you are …"),
    "here_denied": (
        "浏览器未获准使用位置：请在浏览器或手机设置中允许本网站定位，或在图上画。",
        "The browser may not use your location: allow it for this site in the settings, or draw on the map.",
    ),
    "here_unavailable": (
        "暂时定位不到：请到开阔处再试，或在图上画。",
        "Your location cannot be found just now: try in the open, or draw on the map.",
    ),
    "here_insecure": (
        "浏览器只在 https 网址（或本机）上提供定位：请改用 https 网址，或在图上画。",
        "Browsers give a location only at https addresses (or on this machine): open the https address, or draw on the map.",
    ),
}
