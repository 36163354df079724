"""`make demo` and `make serve`: the whole journey through the doors people use, the command line and HTTP."""

import os
import shlex
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from api.cli import main
from api.cli.output import Output
from api.demo import server
from api.demo.inputs import CRS, UTILITY, dig_plans, write_inputs
from api.settings import read_settings, today
from maps.briefing_table import briefing_table
from maps.styles import GRADE_MARKS
from spatial.saying.texts import word
from spatial.words import Grade

OUT = Path("out/demo")


class Teller:
    """Says what comes next, in the reader's language, and numbers the steps."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self._step = 0

    def step(self, zh: str, en: str) -> None:
        self._step += 1
        print(f"\n{self._step}. {self.output.both(zh, en)}", flush=True)

    def command(self, *words: str) -> None:
        """Show a command and run it; the demo ends with it when it fails."""
        print(f"$ predig {shlex.join(words)}", flush=True)
        if code := main(words):
            raise SystemExit(code)


def tell_the_journey(teller: Teller, address: str) -> None:
    """From an empty database to alerts and maps."""
    both = teller.output.both
    since = newest_alert(address)
    bring_network(teller)
    teller.step(
        "施工单位通过 HTTP 提交三个开挖计划：一条沟横穿干管，一个坑在高压管线的控制范围内，一个坑在空地上。",
        "A firm files three dig plans over HTTP: a trench across a main, a pit in the control zone of a high-pressure "
        "line, a pit in an open field.",
    )
    permits = file_permits(teller, address)
    teller.step("燃气企业看到与自己有关的告警。", "The gas utility sees the alerts that concern it.")
    print(f"$ curl '{address}/v1/alerts?utility={UTILITY}'")
    since = show_alerts(teller, address, since)
    teller.step(
        "燃气企业在空地上新敷设了一根中压管，更新管网。已备案的许可立即变为待判定，后台随即重新判断。",
        "The utility lays a new main through the open field and brings its network again. The permit filed there "
        "reads pending at once, and the worker judges it anew.",
    )
    teller.command(*import_words("network-later.geojson"))
    field = permits[-1]
    settled = server.wait_for(
        address,
        f"/v1/permits/{field['id']}",
        lambda answer: answer["status"] not in ("pending", field["status"]),
    )
    language = teller.output.language
    was, now = (word("status", answer["status"], language) for answer in (field, settled))
    print(
        both(
            f"\n许可 {field['id']}\n  原为：{was}\n  现为：{now}",
            f"\npermit {field['id']}\n  was: {was}\n  now: {now}",
        )
    )
    show_alerts(teller, address, since)
    teller.step(
        "每个许可一张交底地图（一个 HTML 文件，断网可开），专班一张风险图。",
        "A briefing map for each permit (one HTML file, opens without internet), a risk map for the task force.",
    )
    for number, permit in enumerate(permits, 1):
        path = OUT / f"map-{number}.html"
        path.write_bytes(server.fetch(address, f"/v1/permits/{permit['id']}/map?lang={language}"))
        print(f"{path.absolute()}  {permit['title']}")
    teller.command("risk", "--out", str(OUT))


def bring_network(teller: Teller) -> None:
    """What a gas utility does once."""
    whose = ("--utility", UTILITY, "--crs", CRS)
    name, phone, duty = ("--name", "示范燃气公司"), ("--phone", "0971-0000000"), ("--duty", "0971-0000001")
    teller.step(
        "燃气企业先登记自己：值班电话会出现在每一份答复里。",
        "A gas utility registers itself: its duty phone stands in every answer.",
    )
    teller.command("utility", "set", UTILITY, *name, *phone, *duty)
    teller.step(
        "它申明哪里可能有自己的管道。没有这一步，任何地方都不能答复“未发现”。",
        "It says where it may own pipes. Without that no place is ever answered `clear`.",
    )
    teller.command("coverage", "set", f"{OUT}/service-area.geojson", *whose, "--service-area")
    teller.step(
        "它导入管网：2,560 根管道，坐标系必须写明，缺少的属性按最不利处理。",
        "It brings its network: 2,560 pipes, in a CRS that must be named; what is missing is taken at its worst.",
    )
    teller.command(*import_words("network.geojson"))
    teller.step(
        "它申明资料在哪里、到哪一天是完整的，多久以后不再作数。",
        "It says where and as of which day that register is complete, and for how long that may be relied on.",
    )
    age = ("--kind", "all", "--as-of", today().isoformat(), "--max-age-days", "365")
    teller.command("coverage", "set", f"{OUT}/coverage.geojson", *whose, *age)


def import_words(file: str) -> tuple[str, ...]:
    source = ("network", "import", f"{OUT}/{file}", "--utility", UTILITY, "--crs", CRS)
    return (*source, "--id-field", "id", "--dataset", "town")


def file_permits(teller: Teller, address: str) -> list[dict[str, Any]]:
    """File each dig plan as a permit of its own; the answers."""
    output = teller.output
    filed = []
    print(f"$ curl {address}/v1/permits -H 'Content-Type: application/json' -d @permit.json   # x 3")
    for feature in dig_plans(output.language):
        starts_on = today() + timedelta(days=14)
        answer = server.post(
            address,
            "/v1/permits",
            {
                "crs": CRS,
                "plan": feature,
                "title": feature["properties"]["id"],
                "starts_on": starts_on.isoformat(),
                "ends_on": (starts_on + timedelta(days=10)).isoformat(),
                "contractor": {
                    "name": output.both("示范市政工程公司", "Demo Civil Works"),
                    "phone": "0971-0000002",
                },
                "builder": {"name": output.both("示范建设单位", "Demo Developer")},
            },
        )
        filed.append(answer)
        told = word("status", answer["status"], output.language)
        print(output.both(f"\n许可 {answer['id']}  状态：{told}", f"\npermit {answer['id']}  status: {told}"))
        for screening in answer["screenings"]:
            Output(False, output.language).record(screening, briefing_table(screening, output.language))
    return filed


def newest_alert(address: str) -> int:
    """The id of the newest alert there is, 0 for none."""
    alerts = all_alerts(address, 0)
    return int(alerts[-1]["id"]) if alerts else 0


def show_alerts(teller: Teller, address: str, since: int) -> int:
    """Print the alerts raised after `since`; the id of the last one."""
    language = teller.output.language
    alerts = all_alerts(address, since)
    for alert in alerts:
        mark = GRADE_MARKS[Grade(alert["grade"])].shape
        parts = (
            f"#{alert['id']} {mark} {word('grade', alert['grade'], language)}",
            word("change", alert["change"], language),
            f"{alert['dataset']}/{alert['source_id']}",
            alert["permit_id"],
        )
        print("  ".join(parts))
    return int(alerts[-1]["id"]) if alerts else since


def all_alerts(address: str, since: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: int | None = since
    while after is not None:
        page = server.get(address, f"/v1/alerts?after={after}")
        found += page["alerts"]
        after = page["next"]
    return found


def run(words: Sequence[str]) -> int:
    """The demo; with `serve` the server stays up, on the port `predig up` takes, until it is told to stop."""
    stay = list(words) == ["serve"]
    settings = read_settings()
    output = Output(False, settings.language)
    os.environ["PREDIG_HOME"] = home = os.environ.get("PREDIG_HOME") or str(settings.home / "demo")
    OUT.mkdir(parents=True, exist_ok=True)
    write_inputs(OUT, settings.language)
    print(
        output.both(
            "Predig 演示：动土之前，先问这个坑旁边有什么燃气管道、法规要求什么、谁须先同意。\n"
            "管网是德国 Schutterwald 镇的真实管网（2,559 根，pandapipes，BSD-3），平移到西宁市中心；"
            f"另有标明“合成”的管线。\n数据库在 {home}，输入文件在 {OUT}/。",
            "Predig's demo: before anyone digs, what gas pipe is near, what does the law ask, and who has to say yes?\n"
            "The network is a real one, that of Schutterwald (2,559 pipes, pandapipes, BSD-3), moved to the middle of\n"
            f"Xining, with lines added that are labelled synthetic. The database is in {home}, the inputs in {OUT}/.",
        )
    )
    with server.running(*(() if stay else ("--port", "0"))) as address:
        if not stay or not server.get(address, "/v1/permits?limit=1")["permits"]:
            tell_the_journey(Teller(output), address)
        if stay:
            print(
                output.both(
                    f"\n服务在 {address}/ ，按 Ctrl-C 停止。", f"\nServing at {address}/ until Ctrl-C."
                ),
                flush=True,
            )
            wait_for_ctrl_c()
        else:
            print(
                output.both(
                    "\n接下来：make serve 打开网页；predig show、predig replay ID、predig reconcile 见 README.zh.md。"
                    "\n换成英文：PREDIG_LANG=en make demo。",
                    "\nNext: `make serve` opens the pages; `predig show`, `predig replay ID`, `predig reconcile`: README.md."
                    "\nIn Chinese: PREDIG_LANG=zh make demo.",
                )
            )
    return 0


def wait_for_ctrl_c() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
