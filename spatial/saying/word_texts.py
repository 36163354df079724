"""The words of the closed lists, by `kind.word`, in Chinese and English."""

from collections.abc import Mapping

from spatial.saying.pairs import Pair
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
