"""What every code means, in Chinese and English. Codes are stored; sentences are made when somebody reads.

The word 安全 is never a verdict, and 重大/较大/一般 grade accidents, not conflicts.
"""

from collections.abc import Mapping
from typing import Any

from spatial.errors import Language
from spatial.words import (
    Act,
    AlertState,
    AssetKind,
    Certainty,
    Change,
    Drawn,
    Grade,
    GroundKind,
    Level,
    Method,
    Outcome,
    Passes,
    PermitKind,
    PermitStatus,
    PipeKind,
    PressureClass,
    Requirement,
    SectionVerdict,
    Side,
    SitePart,
    Zone,
)

Pair = tuple[str, str]
"""(zh, en)."""

WORDS: Mapping[str, Pair] = {
    **{
        f"outcome.{outcome}": pair
        for outcome, pair in {
            Outcome.CONFLICT: ("涉及燃气管道", "gas pipes are involved"),
            Outcome.CANNOT_TELL: (
                "资料不足，按有管道对待",
                "not enough is known: treat the ground as if a pipe lay there",
            ),
            Outcome.CLEAR: (
                "登记资料范围内未发现（截至{data_date}，有效至{valid_until}，不等于可以开工）",
                "nothing found within the declared registers (as of {data_date}, valid to {valid_until}; not a permission to start)",
            ),
        }.items()
    },
    **{
        f"grade.{grade}": pair
        for grade, pair in {
            Grade.I: ("一级 红", "I red"),
            Grade.II: ("二级 橙", "II orange"),
            Grade.III: ("三级 黄", "III yellow"),
            Grade.IV: ("四级 蓝", "IV blue"),
        }.items()
    },
    **{
        f"zone.{zone}": pair
        for zone, pair in {
            Zone.PROTECTION: ("保护范围", "protection zone"),
            Zone.CONTROL: ("控制范围", "control zone"),
            Zone.OUTSIDE: ("控制范围外", "outside"),
        }.items()
    },
    **{
        f"requirement.{requirement}": pair
        for requirement, pair in {
            Requirement.FORBIDDEN: ("禁止", "forbidden"),
            Requirement.PLAN_REQUIRED: ("须共同制定保护方案", "joint protection plan"),
            Requirement.NOTIFY: ("须通知燃气企业", "notify the utility"),
        }.items()
    },
    **{
        f"certainty.{certainty}": pair
        for certainty, pair in {
            Certainty.CERTAIN: ("按登记位置确定", "certain by the register"),
            Certainty.POSSIBLE: ("按最不利位置可能", "possible at worst"),
        }.items()
    },
    **{
        f"act.{act}": pair
        for act, pair in {
            Act.EXCAVATE: ("挖掘", "excavate"),
            Act.BORROW_SOIL: ("取土", "borrow soil"),
            Act.PILE: ("打桩", "pile"),
            Act.DRILL: ("钻探", "drill"),
            Act.JACK: ("顶进", "jack"),
            Act.BORE: ("水平定向钻", "bore"),
            Act.BLAST: ("爆破", "blast"),
            Act.BUILD: ("建设建筑物、构筑物", "build"),
            Act.LAY_PIPE: ("敷设管道", "lay pipe"),
            Act.CROSSING: ("管道穿跨越", "cross with a pipe"),
            Act.PLANT_DEEP_ROOT: ("种植深根植物", "plant deep-rooted plants"),
            Act.STORE_FLAMMABLE: ("放置易燃易爆物品", "store flammables"),
            Act.DISCHARGE_CORROSIVE: ("排放腐蚀性物质", "discharge corrosives"),
            Act.OPEN_FLAME: ("动用明火", "use open flames"),
            Act.HEAVY_LOAD: ("重载碾压或堆载", "place heavy loads"),
        }.items()
    },
    **{
        f"method.{method}": pair
        for method, pair in {
            Method.HAND: ("人工", "by hand"),
            Method.VACUUM: ("真空抽吸", "vacuum"),
            Method.MECHANICAL: ("机械", "mechanical"),
            Method.TRENCHLESS: ("非开挖", "trenchless"),
            Method.PILING: ("桩工", "piling"),
            Method.BLASTING: ("爆破", "blasting"),
        }.items()
    },
    **{
        f"part.{part}": pair
        for part, pair in {
            SitePart.OPENED: ("开挖范围", "ground opened"),
            SitePart.SPOIL: ("堆土带", "spoil strip"),
            SitePart.MACHINE_PATH: ("机械行走带", "machine path"),
        }.items()
    },
    **{
        f"drawn.{drawn}": pair
        for drawn, pair in {
            Drawn.SURVEYED: ("实测", "surveyed"),
            Drawn.CAD: ("设计图", "from a CAD drawing"),
            Drawn.MAP: ("图上量取", "traced off a map"),
            Drawn.SCREEN: ("屏幕绘制", "drawn on a screen"),
            Drawn.HAND: ("手绘示意", "sketched by hand"),
        }.items()
    },
    **{
        f"side.{side}": pair
        for side, pair in {
            Side.LEFT: ("左侧", "left of"),
            Side.RIGHT: ("右侧", "right of"),
            Side.OVER: ("轴线上", "on the line of"),
            Side.BOTH: ("两侧", "on both sides of"),
        }.items()
    },
    **{
        f"passes.{passes}": pair
        for passes, pair in {
            Passes.OVER: ("从管道上方通过", "passes over the pipe"),
            Passes.UNDER: ("从管道下方通过", "passes under the pipe"),
            Passes.MEETS: ("与管道深度重叠", "meets the pipe's depth"),
        }.items()
    },
    **{
        f"level.{level}": pair
        for level, pair in {
            Level.ABOVE: ("坑底在管顶以上", "above the pipe"),
            Level.REACHES: ("坑底可能到达管道", "reaches the pipe"),
            Level.BELOW: ("坑底低于管底", "below the pipe"),
            Level.UNKNOWN: ("深度关系不明", "unknown"),
        }.items()
    },
    **{
        f"section.{verdict}": pair
        for verdict, pair in {
            SectionVerdict.HELD: ("受管道约束", "held by a pipe"),
            SectionVerdict.CANNOT_TELL: (
                "资料不足，按有管道对待",
                "not enough is known: treat as if a pipe lay there",
            ),
            SectionVerdict.MAY_START: ("登记资料内不受管道约束", "not held by any registered pipe"),
        }.items()
    },
    **{
        f"change.{change}": pair
        for change, pair in {
            Change.NEW: ("新出现", "new"),
            Change.WORSE: ("更严重", "worse"),
            Change.BETTER: ("已减轻", "better"),
            Change.GONE: ("不再涉及", "no longer there"),
        }.items()
    },
    **{
        f"alert.{state}": pair
        for state, pair in {
            AlertState.OPEN: ("待确认", "open"),
            AlertState.ACKNOWLEDGED: ("已确认", "acknowledged"),
        }.items()
    },
    **{
        f"asset.{kind}": pair
        for kind, pair in {
            AssetKind.PIPE: ("管道", "pipe"),
            AssetKind.VALVE: ("阀门", "valve"),
            AssetKind.REGULATOR: ("调压装置", "regulator"),
            AssetKind.STATION: ("厂站", "station"),
        }.items()
    },
    **{
        f"pipe_kind.{kind}": pair
        for kind, pair in {
            PipeKind.MAIN: ("市政干管", "mains"),
            PipeKind.COURTYARD: ("庭院管", "courtyard pipes"),
            PipeKind.SERVICE: ("引入管", "service pipes"),
            PipeKind.CUSTOMER_OWNED: ("用户自有管", "customer-owned pipes"),
        }.items()
    },
    **{
        f"pressure_class.{name}": pair
        for name, pair in {
            PressureClass.LP: ("低压", "low pressure"),
            PressureClass.MP_B: ("中压B", "medium pressure B"),
            PressureClass.MP_A: ("中压A", "medium pressure A"),
            PressureClass.SHP_B: ("次高压B", "sub-high pressure B"),
            PressureClass.SHP_A: ("次高压A", "sub-high pressure A"),
            PressureClass.HP_B: ("高压B", "high pressure B"),
            PressureClass.HP_A: ("高压A", "high pressure A"),
            PressureClass.UHP: ("超高压", "ultra-high pressure"),
        }.items()
    },
    **{
        f"permit_kind.{kind}": pair
        for kind, pair in {
            PermitKind.NORMAL: ("常规作业", "normal"),
            PermitKind.EMERGENCY: ("抢修", "emergency"),
            PermitKind.DESIGN: ("设计查询", "design"),
        }.items()
    },
    **{
        f"status.{status}": pair
        for status, pair in {
            PermitStatus.PENDING: ("待判定", "pending"),
            PermitStatus.CONFLICT: ("涉及燃气管道", "gas pipes are involved"),
            PermitStatus.CANNOT_TELL: ("资料不足", "not enough is known"),
            PermitStatus.CLEAR: ("登记资料范围内未发现", "nothing found within the declared registers"),
            PermitStatus.EXPIRED: ("已过期", "expired"),
            PermitStatus.CANCELLED: ("已撤销", "cancelled"),
        }.items()
    },
    **{
        f"ground.{ground}": pair
        for ground, pair in {
            GroundKind.SERVICE_AREA: ("服务范围", "service area"),
            GroundKind.COVERAGE: ("资料完整范围", "coverage"),
            GroundKind.BLANK: ("资料空白", "blank"),
        }.items()
    },
}

REASONS: Mapping[str, Pair] = {
    # what was measured
    "wall_reached": ("作业范围到达管壁", "the dig site reaches the pipe wall"),
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

UNKNOWNS: Mapping[str, Pair] = {
    "no_utility": (
        "没有燃气企业申明此处属于其服务范围",
        "no utility has declared that this ground is in its service area",
    ),
    "service_area_undeclared": (
        "{name}（{utility}）未申明服务范围，其管道可能在任何地方",
        "{name} ({utility}) has not declared its service area: its pipes may be anywhere",
    ),
    "town_gas_not_judged": (
        "所用规则只适用于长输管道，而登记资料不区分长输管道与城镇燃气管道：请另按城镇燃气规则（如 cn-gb55009）判断",
        "the rules used are for long-distance pipes only, and the register does not tell them from town gas: ask again "
        "by the rules of town gas, such as cn-gb55009",
    ),
    "no_dataset": (
        "{name}（{utility}）没有导入任何管网资料",
        "{name} ({utility}) has brought no network at all",
    ),
    "coverage_missing": (
        "{name}（{utility}）未申明此处资料完整：{pipe_kinds}",
        "{name} ({utility}) does not declare its register complete here: {pipe_kinds}",
    ),
    "coverage_assumed": (
        "{name}（{utility}）此处的资料范围仅为推定：{pipe_kinds}",
        "the coverage of {name} ({utility}) is only assumed here: {pipe_kinds}",
    ),
    "coverage_stale": (
        "{name}（{utility}）的资料截至 {as_of}，已超过承诺的时限：{pipe_kinds}",
        "the data of {name} ({utility}) are as of {as_of}, older than promised: {pipe_kinds}",
    ),
    "coverage_age_unset": (
        "{name}（{utility}）未承诺资料时限：{pipe_kinds}",
        "{name} ({utility}) has not promised how old its data may get: {pipe_kinds}",
    ),
    "blank": (
        "{name}（{utility}）申明此处资料缺失",
        "{name} ({utility}) has declared this ground a blank in its data",
    ),
    "unreadable": (
        "{name}（{utility}）的数据集 {datasets} 在此处有无法读取的记录",
        "dataset {datasets} of {name} ({utility}) has rows here that could not be read",
    ),
    "rejected_unconfirmed": (
        "{name}（{utility}）有 {count} 条无法读取、位置不明的记录尚未确认",
        "{name} ({utility}) has {count} unreadable rows of unknown place that nobody has confirmed",
    ),
    "site_width_unknown": (
        "未说明开挖宽度，按半宽 {half_width_m} m 估计（默认值，尚待核实）",
        "the width of the dig was not stated: a half width of {half_width_m} m was taken (an unverified default)",
    ),
    "top_width_unknown": (
        "未说明开挖深度，无法由坑底和边坡推算上口，按向外 {half_width_m} m 估计（默认值，尚待核实）",
        "without the depth the opening at the surface cannot be told from the bottom: {half_width_m} m to each side "
        "was taken (an unverified default)",
    ),
    "strip_place_unknown": (
        "未说明{part}离沟边的距离，按紧靠沟边并向外加宽估计（默认值，尚待核实）",
        "how far the {part} lies from the edge was not stated: it was taken to begin at the edge, and wider (an "
        "unverified default)",
    ),
}

ADVICE: Mapping[str, Pair] = {
    "do_not_start": ("暂不得开工", "do not start"),
    "drop_forbidden_act": (
        "{zone}内不得{act}：改变位置或取消该作业",
        "do not {act} in the {zone}: move the work or leave it out",
    ),
    "apply_county": (
        "向管道所在地县级人民政府主管管道保护工作的部门提出申请，并在开工七日前书面通知 {name}（{clause}）",
        "apply to the county department in charge of pipeline protection, and tell {name} in writing seven days before "
        "you start ({clause})",
    ),
    "agree_plan": (
        "与{name}共同制定燃气设施保护方案，落实保护措施并派人现场指导",
        "agree a protection plan with {name}, with safeguards and its guidance on site",
    ),
    "notify_utility": (
        "施工前书面通知{name}，答复时限按 {working_days} 个工作日计（默认值，尚待核实）",
        "notify {name} in writing before starting; allow {working_days} working days for a reply (an unverified default)",
    ),
    "hand_dig": (
        "在 {stretch} 采用人工开挖，管道暴露前不得使用机械",
        "dig by hand on {stretch}; no machines until the pipe is exposed",
    ),
    "hand_dig_all": (
        "在 {source_id} 保护范围内采用人工开挖，管道暴露前不得使用机械",
        "dig by hand in the protection zone of {source_id}; no machines until the pipe is exposed",
    ),
    "trial_holes": (
        "开工前用人工探坑查明 {source_id} 的实际位置和埋深并记录",
        "before starting, find and record the true position and depth of {source_id} by hand-dug trial holes",
    ),
    "hole_over_crossing": (
        "在 {station} 与 {source_id} 交叉处，于管道正上方人工挖探坑 1 个，露出管道、量测位置和深度后方可钻进",
        "at {station}, where {source_id} crosses, dig one trial hole by hand over the pipe; expose it and measure its "
        "place and depth before boring",
    ),
    "holes_beside_crossing": (
        "在 {station} 与 {source_id} 交叉处，沿管道在钻进轴线左右两侧各人工挖探坑 1 个（交角小或管道深度未沿线探测），"
        "量测位置和深度后方可钻进",
        "at {station}, where {source_id} crosses, dig two trial holes by hand over the pipe, one on each side of the "
        "bore (a flat angle, or a depth not followed along the pipe); measure its place and depth before boring",
    ),
    "hole_at_nearest": (
        "在 {station} {side}{source_id} 离钻进路径最近处，于管道正上方人工挖探坑 1 个，量测位置和深度后方可钻进",
        "at {station}, {side} the bore, where {source_id} comes nearest to it, dig one trial hole by hand over the "
        "pipe; measure its place and depth before boring",
    ),
    "site_guard": ("施工时由{name}派员现场监护", "{name} keeps a guard on site during the work"),
    "call": ("联系{name}：{phone}", "call {name}: {phone}"),
    "call_no_phone": (
        "联系{name}（系统内未登记电话，请向当地燃气主管部门查询）",
        "contact {name} (no phone is registered: ask the local gas authority)",
    ),
    "ask_authority": (
        "向当地燃气主管部门查询该处的燃气经营企业，并书面查询管线",
        "ask the local gas authority who supplies gas here, and query the pipes in writing",
    ),
    "look_for": (
        "现场查找阀门井、标志桩、警示带、调压箱和立管",
        "look on site for valve chambers, marker posts, warning tape, regulator boxes and risers",
    ),
    "trial_pits": (
        "在查明之前，按有管道对待，人工挖探坑",
        "until that is known treat the ground as if a pipe lay there and dig trial pits by hand",
    ),
    "state_width": ("补充开挖宽度后重新查询", "state the width of the dig and ask again"),
    "shore_and_support": (
        "开挖前与燃气企业商定支护和管道 {source_id} 的悬吊、支托，不得先挖空管下土体",
        "agree with the utility how to shore the walls and hold pipe {source_id} before you dig; never empty the "
        "ground under it first",
    ),
    "find_depth": (
        "人工探明管道 {source_id} 的实际埋深，再确定支护方案",
        "find how deep pipe {source_id} really lies by hand, then settle how to shore the walls",
    ),
    "state_depth": ("补充开挖深度后重新查询", "state the depth of the dig and ask again"),
    "state_offset": (
        "补充堆土、机械离沟边的距离后重新查询",
        "state how far spoil and machines stay from the edge and ask again",
    ),
    "state_slope": (
        "补充边坡坡度或是否支护后重新查询：目前按 1:{slope_ratio} 放坡",
        "state the slope of the walls, or that they are shored, and ask again: 1:{slope_ratio} was taken",
    ),
    "duty_of_care": (
        "在任何地点施工仍应保证燃气管道及附属设施的运行，发现管线或异味立即停工并报告",
        "wherever you dig you still owe gas pipes your care: stop and report at once if you find a pipe or smell gas",
    ),
}

NOTICES: Mapping[str, Pair] = {
    "start_in_time": (
        "最早可于 {date} 开工：自 {counted_from} 起 {working_days} 个工作日为答复期限，收到燃气企业书面答复后方可动土",
        "the earliest start is {date}: {working_days} working days to answer, counted from {counted_from}; "
        "start only once the utility has answered in writing",
    ),
    "start_too_early": (
        "申报的开工日期 {starts_on} 过早，最早可于 {date} 开工：自 {counted_from} 起 {working_days} 个工作日为答复期限，"
        "收到燃气企业书面答复后方可动土；如需加急请致电燃气企业",
        "{starts_on} is too early: the earliest start is {date}, after {working_days} working days to answer counted "
        "from {counted_from} and once the utility has answered in writing; to be faster, phone the utility",
    ),
    "calendar_provisional": (
        "{years} 年的放假调休安排尚未载入，凡可能放假的日子均不计为工作日，公布后日期可能提前",
        "the official holiday calendar of {years} is not known yet: every day that may be free was left out, so the "
        "date may move forward once it is published",
    ),
    "emergency_at_once": (
        "抢修：可立即动土，动土前先致电燃气企业值班电话；书面手续随后补办",
        "emergency: dig at once, but phone the utility's duty line first; the paper follows",
    ),
    "emergency_paper_hours": (
        "抢修：可立即动土，动土前先致电燃气企业值班电话；书面手续在 {hours} 小时内补办",
        "emergency: dig at once, but phone the utility's duty line first; the paper follows within {hours} hours",
    ),
    "start_rules_lost": (
        "判断该许可所用的规则无法读取，不能推算开工日期：收到燃气企业书面答复前不得动土",
        "the rules of this permit cannot be read, so no start can be told: do not dig before the utility has answered "
        "in writing",
    ),
    "design_no_start": (
        "设计查询不作为动土依据，开工前须另行备案",
        "a design query is no ground to dig on: file the dig itself before it starts",
    ),
}
"""When a dig may start (spatial.rules.notice)."""


def word(kind: str, name: str, language: Language, **parameters: Any) -> str:
    """A closed-list word for the reader: word("grade", "II", "zh")."""
    return _pick(WORDS[f"{kind}.{name}"], language).format(**parameters)


def say(entry: Mapping[str, Any], language: Language) -> str:
    """The sentence of a reason, unknown or piece of advice: its code's text filled with its other fields.

    A number that nobody has verified says so.
    """
    code = entry["code"]
    pair = REASONS.get(code) or UNKNOWNS.get(code) or NOTICES.get(code) or ADVICE[code]
    sentence = _pick(pair, language).format(
        **{key: _readable(key, value, language) for key, value in entry.items()}
    )
    return sentence + (_pick(_UNVERIFIED, language) if entry.get("verified") is False else "")


_UNVERIFIED: Pair = ("（尚待核实）", " (unverified)")


def _readable(key: str, value: Any, language: Language) -> str:
    if key in ("zone", "act", "requirement", "part", "side"):
        return word(key, value, language)
    if key == "pipe_kinds":
        return ("、" if language == "zh" else ", ").join(word("pipe_kind", kind, language) for kind in value)
    if key == "note":
        zh, en = value
        return str(zh if language == "zh" else en)
    if isinstance(value, list | tuple):
        return ("、" if language == "zh" else ", ").join(map(str, value))
    if isinstance(value, float):
        return f"{value:.2f}"
    return str(value)


def _pick(pair: Pair, language: Language) -> str:
    return pair[0] if language == "zh" else pair[1]


def station(metres: float) -> str:
    """K0+112.5 from 112.5; the trade's way of saying where along a trench.

    >>> station(1112.5)
    'K1+112.5'
    """
    kilometres, rest = divmod(round(metres, 1), 1000.0)
    return f"K{int(kilometres)}+{rest:05.1f}"
