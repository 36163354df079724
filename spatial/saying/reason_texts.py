"""The sentences that say why: what was measured, how sure that is, what it rests on. In Chinese and English."""

from collections.abc import Mapping

from spatial.saying.pairs import Pair

REASONS: Mapping[str, Pair] = {
    # what was measured
    "wall_reached": ("平面上作业范围到达管壁", "in plan the dig site reaches the pipe wall"),
    "in_protection": (
        "净距 {clearance_m} m，在保护范围 {protection_m} m 内",
        "clearance {clearance_m} m is inside the protection zone of {protection_m} m",
    ),
    "in_control": (
        "净距 {clearance_m} m，在控制范围 {control_m} m 内",
        "clearance {clearance_m} m is inside the control zone of {control_m} m",
    ),
    "only_at_worst": (
        "登记净距 {clearance_m} m 在控制范围 {control_m} m 外，扣除位置不确定度 {uncertainty_m} m 后可能在内",
        "recorded clearance {clearance_m} m is outside the control zone of {control_m} m, "
        "but may be inside it less the uncertainty of {uncertainty_m} m",
    ),
    "doubt_reaches_wall": (
        "位置不确定度 {uncertainty_m} m 不小于净距 {clearance_m} m，实际可能已到管壁",
        "the uncertainty of {uncertainty_m} m is no less than the clearance of {clearance_m} m: "
        "the pipe may lie in the dig site",
    ),
    # in three dimensions: bores and piles
    "bore_clears": (
        "钻进路径与管壁三维净距 {distance_3d_m} m，计入全部偏差后仍有 {at_worst_m} m：不会碰到管道，平面要求不变",
        "in three dimensions the bore stays {distance_3d_m} m from the wall, and {at_worst_m} m with every doubt "
        "counted: it cannot reach the pipe; what is required in plan stands",
    ),
    "bore_near": (
        "与管壁三维净距 {distance_3d_m} m，计入全部偏差后 {at_worst_m} m，不大于保护范围宽度 {protection_m} m",
        "in three dimensions {distance_3d_m} m from the wall, {at_worst_m} m with every doubt counted: no more than "
        "the {protection_m} m of the protection zone",
    ),
    "bore_may_hit": (
        "与管壁三维净距 {distance_3d_m} m，计入全部偏差后可能碰到管道",
        "in three dimensions {distance_3d_m} m from the wall: with every doubt counted it may hit the pipe",
    ),
    "bore_pipe_depth_unknown": (
        "管道深度未知或未沿线探测，无法计算三维净距，只按平面距离判定",
        "the pipe's depth is unknown, or was not followed along it: no distance in three dimensions can be told, "
        "only the one in plan",
    ),
    "bore_depth_doubt_unknown": (
        "深度偏差未知，无法计算最不利三维净距，不作竖向减免",
        "how far the depths may be off is unknown: the worst distance in three dimensions cannot be told, no relief",
    ),
    "stricter_if_nearer": (
        "若管道实际更近，要求为：{requirement}",
        "should the pipe lie nearer than recorded, the requirement is: {requirement}",
    ),
    # what the rules say
    "forbidden_act": ("{zone}内禁止{act}", "to {act} is forbidden in the {zone}"),
    "own_distance": ("{act}另有距离要求 {control_m} m", "to {act} has a distance of its own, {control_m} m"),
    "rule_by_default": (
        "规则未列明{act}，按该范围最严要求处理",
        "no rule names {act}: the strictest requirement of the zone is taken",
    ),
    "measured_from_centre_line": (
        "该规则自管道中心线起算：保护范围 {protection_m} m、控制范围 {control_m} m；以上净距自管外壁起算，已各减去半径 {radius_m} m",
        "these rules count from the centre line: protection {protection_m} m, control {control_m} m; the limits above "
        "are from the outer wall, the radius of {radius_m} m taken off",
    ),
    "long_distance_rules": (
        "按长输管道规则判断；若为城镇燃气管道，该法不适用，须另按城镇燃气规则判断",
        "judged as a long-distance pipe; if it carries town gas these rules do not apply: judge it by those of town gas",
    ),
    "rule_note": ("关于{act}的要求：{note}", "on the requirement to {act}: {note}"),
    "widths_note": ("关于范围宽度：{note}", "on the width of the zone: {note}"),
    "rule_unverified": ("该项要求的依据尚待核实", "the ground of this requirement is not yet verified"),
    "widths_unverified": ("该范围宽度的依据尚待核实", "the ground of this zone width is not yet verified"),
    # what is not known
    "class_unknown": (
        "压力级别未知，按最宽 {assumed} 处理（默认值，尚待核实）",
        "pressure class unknown: judged as {assumed}, the widest (an unverified default)",
    ),
    "diameter_unknown": (
        "管径未知，按该级别最大外径 {assumed_mm} mm 计（默认值，尚待核实）",
        "diameter unknown: the largest of the class, {assumed_mm} mm, is taken (an unverified default)",
    ),
    "cover_unknown": ("埋深未知，不作竖向减免", "depth unknown: no vertical relief"),
    "floor_above": (
        "开挖深度 {floor_m} m，管顶埋深至少 {top_m} m，两者不确定度合计 {uncertainty_m} m：坑底始终在管顶以上",
        "the floor, {floor_m} m deep, stays above the pipe's top, at least {top_m} m deep, with a doubt of "
        "{uncertainty_m} m in all",
    ),
    "floor_reaches": (
        "开挖深度 {floor_m} m，管道位于 {top_m} 至 {underside_m} m，不确定度合计 {uncertainty_m} m：坑底可能到达管道",
        "the floor, {floor_m} m deep, may reach the pipe between {top_m} and {underside_m} m, with a doubt of "
        "{uncertainty_m} m in all",
    ),
    "floor_below": (
        "开挖深度 {floor_m} m，管底最深 {underside_m} m，不确定度合计 {uncertainty_m} m：坑底低于管底",
        "the floor, {floor_m} m deep, is below the pipe's underside, at most {underside_m} m deep, with a doubt of "
        "{uncertainty_m} m in all",
    ),
    "relieved_by_depth": (
        "因坑底始终在管顶以上，平面上触及管壁按二级而非一级；水平方向的范围和要求不变",
        "because the floor stays above the pipe, reaching its wall in plan counts as II and not I; zones and "
        "requirements hold all the same",
    ),
    "depth_not_profiled": (
        "登记埋深（管顶 {top_m} m）未沿全线探测，不能说明中间段，不作竖向减免",
        "the registered depth (top at {top_m} m) was not followed along the whole pipe and says nothing about its "
        "middle: no vertical relief",
    ),
    "depth_doubt_unknown": (
        "埋深或开挖深度的精度不明，不作竖向减免",
        "how well the depth of the pipe or of the dig is known is not stated: no vertical relief",
    ),
    "dig_depth_unknown": (
        "未说明开挖深度，不作竖向减免",
        "the depth of the dig was not stated: no vertical relief",
    ),
    "support": (
        "坑底可能比管底深 {height_m} m，距管壁最近 {from_edge_m} m，在 {reach_ratio} 倍高差的影响范围内：管下土体可能失稳",
        "the floor may lie {height_m} m below the pipe's underside and {from_edge_m} m from its wall, within "
        "{reach_ratio} times that height: the ground under the pipe may give way",
    ),
    "support_unknown": (
        "管道埋深不明，坑深 {floor_m} m，距管壁最近 {from_edge_m} m，在 {reach_ratio} 倍坑深的影响范围内：不能排除管下土体失稳",
        "the pipe's depth is not known: with a floor {floor_m} m deep and {from_edge_m} m from its wall, within "
        "{reach_ratio} times that depth, the ground under the pipe may give way",
    ),
    "survey_age": ("管位、埋深因测量年久加 {metres} m", "{metres} m for the age of the survey"),
    "survey_undated": (
        "未说明测量日期，按最久加 {metres} m",
        "{metres} m because nobody says when it was surveyed",
    ),
    "road_rebuilt": (
        "测量后道路曾改建：管位加 {metres} m，登记埋深不再有效",
        "{metres} m because the road was rebuilt since the survey; its depths say nothing any more",
    ),
    "depth_stated": ("埋深不确定度 {metres} m（登记）", "depth of the pipe {metres} m (as registered)"),
    "depth_survey": (
        "埋深不确定度 {metres} m（按测量类别）",
        "depth of the pipe {metres} m (by its survey class)",
    ),
    "ground_changed": (
        "测量后地面高程变化，埋深加 {metres} m",
        "{metres} m of depth because the ground level changed since the survey",
    ),
    "method_unknown": ("未说明施工方式，按机械施工处理", "method not stated: taken for mechanical"),
    "not_in_use": ("登记状态为“{status}”，仍按有气对待", "registered as '{status}': judged all the same"),
    # the terms of the uncertainty
    "pipe_stated": (
        "管位不确定度 {metres} m（权属单位填报）",
        "pipe position {metres} m (stated by the utility)",
    ),
    "pipe_survey": (
        "管位不确定度 {metres} m（按测量类别）",
        "pipe position {metres} m (by its survey class)",
    ),
    "pipe_survey_no_depth": (
        "管位不确定度 {metres} m（测量类别需要埋深而埋深未知，取默认值）",
        "pipe position {metres} m (the survey class needs a depth nobody gave: the default)",
    ),
    "pipe_unknown": (
        "管位不确定度 {metres} m（测量方式未知，取默认值）",
        "pipe position {metres} m (survey unknown: the default)",
    ),
    "datum_operation": ("坐标转换精度 {metres} m", "datum operation {metres} m"),
    "wgs84_drift": ("WGS 84 与 CGCS2000 的历元差 {metres} m", "WGS 84 drift against CGCS2000 {metres} m"),
    "gcj02_residual": ("GCJ-02 反算残差 {metres} m", "residual of the GCJ-02 inversion {metres} m"),
    "bd09_residual": ("BD-09 反算残差 {metres} m", "residual of the BD-09 inversion {metres} m"),
    "site_receiver": (
        "作业位置不确定度 {metres} m（卫星定位，取默认值）",
        "site position {metres} m (receiver, the default)",
    ),
    "bore_plan_stated": (
        "钻进平面偏差 {metres} m（申报的设备精度）",
        "the tool may stray {metres} m in plan (accuracy as stated)",
    ),
    "bore_plan_default": (
        "钻进平面偏差 {metres} m（未说明设备精度，取默认值）",
        "the tool may stray {metres} m in plan (accuracy not stated: the default)",
    ),
    "bore_depth_stated": (
        "钻进深度偏差 {metres} m（申报的设备精度）",
        "the tool may stray {metres} m in depth (accuracy as stated)",
    ),
    "bore_depth_default": (
        "钻进深度偏差 {metres} m（未说明设备精度，取默认值）",
        "the tool may stray {metres} m in depth (accuracy not stated: the default)",
    ),
    "site_stated": ("作业位置不确定度 {metres} m（申报）", "site position {metres} m (as stated)"),
    "site_device": (
        "作业位置不确定度 {metres} m（由手机或接收机给出的精度折算到 95%）",
        "site position {metres} m (the accuracy the phone or receiver gave, taken to 95 %)",
    ),
    "drawn_surveyed": ("作业位置不确定度 {metres} m（实测）", "site position {metres} m (surveyed)"),
    "drawn_cad": (
        "作业位置不确定度 {metres} m（取自设计图）",
        "site position {metres} m (from a CAD drawing)",
    ),
    "drawn_map": ("作业位置不确定度 {metres} m（图上量取）", "site position {metres} m (traced off a map)"),
    "drawn_screen": (
        "作业位置不确定度 {metres} m（屏幕上绘制）",
        "site position {metres} m (drawn on a screen)",
    ),
    "drawn_hand": ("作业位置不确定度 {metres} m（手绘示意）", "site position {metres} m (sketched by hand)"),
    "dig_depth_stated": ("开挖深度不确定度 {metres} m（申报）", "depth of the dig {metres} m (as stated)"),
    "dig_depth_default": (
        "开挖深度不确定度 {metres} m（取默认值）",
        "depth of the dig {metres} m (the default)",
    ),
    "slope_assumed": (
        "未说明边坡坡度，按 1:{slope_ratio} 放坡计算开挖上口宽度",
        "the slope of the walls was not stated: the opening at the surface was taken with walls of 1:{slope_ratio}",
    ),
    "site_part": (
        "此处为作业范围 {of_feature} 的{part}，只受压、不开挖",
        "this is the {part} of dig site {of_feature}: loaded, not dug",
    ),
}
