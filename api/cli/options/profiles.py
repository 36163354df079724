"""The options of `predig profile`."""

from api.cli.grammar import Parser
from api.cli.options.commands import add_branch, add_command


def add_profiles(parser: Parser) -> None:
    group = add_branch(parser, "profile", ("规则集", "the rules"))
    add_command(group, "list", "profile_list", ("自带的规则集", "those that ship with Predig"))
    show = add_command(group, "show", "profile_show", ("列出一个规则集的每一项", "every entry of one"))
    names = show.told(
        ("名称、.toml 文件，或库中保存的摘要", "a name, a .toml file, or a digest the vault keeps")
    )
    show.add_argument("name", metavar="NAME", help=names)
    check = add_command(
        group, "check", "profile_check", ("检查一个规则文件是否可用", "whether a file of rules can be used")
    )
    check.add_argument("file", metavar="FILE", help=check.told((".toml 文件", "a .toml file")))
    diff = add_command(
        group,
        "diff",
        "profile_diff",
        (
            "两个规则集有何不同，哪些在办许可的判断会因此改变",
            "what differs between two, and which open permits would be judged otherwise",
        ),
    )
    diff.add_argument("first", metavar="A", help=names)
    diff.add_argument("second", metavar="B", help=names)
