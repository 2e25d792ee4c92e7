"""Words that only commands print, in both languages."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "a": ("stronger", "强端"),
    "accepted": ("accepted", "已接受"),
    "acked_by": ("ack", "确认人"),
    "aliases": ("former", "曾用"),
    "as_of": ("as of", "截至"),
    "avg": ("mean", "平均"),
    "b": ("other", "另一端"),
    "benchmark": ("benchmark", "基准"),
    "bottleneck": ("bottleneck", "瓶颈"),
    "canonical": ("canonical", "主标识"),
    "change": ("change", "变化"),
    "channel": ("channel", "渠道"),
    "column": ("column", "列"),
    "conflicts": ("conflicts", "冲突"),
    "converted": ("converted", "转化"),
    "created": ("created", "创建于"),
    "credit": ("credit", "归属"),
    "detected": ("detected", "发现于"),
    "dropped": ("dropped", "流失"),
    "duplicates": ("duplicates", "重复"),
    "encoding": ("encoding", "编码"),
    "entered": ("entered", "进入"),
    "event": ("event", "事件"),
    "evidence": ("why", "依据"),
    "excluded": ("excluded", "排除"),
    "expected": ("expected", "预期"),
    "file": ("file", "文件"),
    "files": ("files", "文件数"),
    "filtered": ("filtered", "过滤"),
    "first": ("first seen", "首次出现"),
    "from": ("from", "起"),
    "id": ("id", "编号"),
    "identifiers": ("identifiers", "标识"),
    "kind": ("kind", "类型"),
    "label": ("name", "名称"),
    "labels": ("member", "成员"),
    "last_ts": ("newest", "最新"),
    "layout": ("layout", "版式"),
    "level": ("level", "层级"),
    "line": ("line", "行"),
    "mapping": ("columns", "列映射"),
    "median": ("median", "中位"),
    "metric": ("metric", "指标"),
    "n": ("persons", "人数"),
    "name": ("source", "来源"),
    "no_value": ("(no value)", "（无值）"),
    "nothing": ("nothing to show", "没有内容"),
    "of_first": ("of first", "占首步"),
    "of_previous": ("of previous", "占上步"),
    "open": ("windows open", "窗口未到期"),
    "owner": ("owner", "负责人"),
    "p90": ("p90", "p90"),
    "partial": ("partial", "未结束"),
    "path": ("path", "路径"),
    "period": ("period", "周期"),
    "person": ("person", "人"),
    "persons": ("persons", "人数"),
    "previous": ("before", "前期"),
    "provisional": ("may change", "可能变动"),
    "rate": ("rate", "比率"),
    "reason": ("reason", "原因"),
    "recipients": ("to", "收件人"),
    "rejected": ("rejected", "拒绝"),
    "rows": ("rows", "行数"),
    "rule": ("rule", "规则"),
    "sent": ("sent", "发送于"),
    "severity": ("severity", "级别"),
    "shared": ("shared identifiers", "共用标识"),
    "since": ("since", "始于"),
    "source": ("source", "来源"),
    "stale": ("stale", "过期"),
    "state": ("state", "状态"),
    "step": ("step", "步骤"),
    "table": ("table", "表"),
    "target": ("target", "目标"),
    "ts": ("time", "时间"),
    "unconverted": ("without a rate", "无汇率"),
    "unit": ("unit", "单位"),
    "unmapped": ("unmapped", "未映射"),
    "value": ("value", "值"),
    "when": ("when", "条件"),
    "why_not": ("why not", "未到原因"),
    "wording": ("wording", "口径"),
}


def word(key: str, lang: str) -> str:
    """The word for a key; a key without one is its own word.

    >>> word("rows", "zh")
    '行数'
    """
    pair = WORDS.get(key)
    return key if pair is None else pair[lang == "zh"]


def heads(lang: str, *keys: str) -> list[str]:
    """The heads of a table."""
    return [word(key, lang) for key in keys]
