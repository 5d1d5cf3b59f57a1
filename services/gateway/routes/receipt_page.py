"""The receipt as a page of our own, in English or Arabic, without scripts and without other addresses."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from flask import Response

from shared import clock
from shared.money import Money

WORDS = {
    "en": {
        "title": "Receipt",
        "provider": "Provider",
        "visit": "Visit",
        "paid_at": "Paid",
        "paid": "Total paid",
        "held": "Held on your card",
        "held_notice": "Nothing was taken so far: your card is charged after the visit.",
        "released": "Released, never taken",
        "refunded": "Given back",
        "kept": "Remains",
        "number": "Receipt number",
        "stripe": "Receipt of the card payment",
        "simulated": "Test: no money moved.",
    },
    "ar": {
        "title": "إيصال",
        "provider": "مقدم الخدمة",
        "visit": "الموعد",
        "paid_at": "تاريخ الدفع",
        "paid": "المبلغ المدفوع",
        "held": "المبلغ المحجوز على بطاقتك",
        "held_notice": "لم يُخصم شيء حتى الآن: يُخصم المبلغ من بطاقتك بعد الموعد.",
        "released": "أُلغي حجزه ولم يُخصم",
        "refunded": "المبلغ المُعاد",
        "kept": "الباقي",
        "number": "رقم الإيصال",
        "stripe": "إيصال الدفع بالبطاقة",
        "simulated": "تجربة: لم تُنقل أي أموال.",
    },
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
STYLE = (
    "body{font-family:sans-serif;max-width:36rem;margin:2rem auto}table{width:100%;border-collapse:collapse}"
    "th{text-align:start;font-weight:normal}td{text-align:end}tr.sum{font-weight:bold}"
)


def receipt_page(receipt: Mapping[str, Any], locale: str) -> Response:
    """The page of a receipt (ReceiptSchema); every text in it is escaped."""
    words = WORDS[locale]
    direction = "rtl" if locale == "ar" else "ltr"
    facts = [
        (words["provider"], _in(locale, receipt["provider_name"]) or receipt["provider_id"]),
        (words["visit"], f"{receipt['local_date']} {receipt['local_time']} ({receipt['time_zone']})"),
        (words["paid_at"], _day(receipt["paid_at"])),
        (words["number"], receipt["payment_id"]),
    ]
    lines = [(_in(locale, line["name"]), _money(line["amount"])) for line in receipt["lines"]]
    sums = [(words[name], _money(value)) for name, value in _sums(receipt)]
    body = (
        f"<h1>{words['title']}</h1>{_notice(receipt, words)}<table>{_rows(facts)}</table>"
        f"<table>{_rows(lines)}{_rows(sums, 'sum')}</table>{_link(receipt, words)}"
    )
    page = (
        f'<!doctype html><html lang="{locale}" dir="{direction}"><head><meta charset="utf-8">'
        f"<title>{words['title']}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    )
    return Response(page, content_type="text/html; charset=utf-8", headers=HEADERS)


def _rows(pairs: list[tuple[str, str]], kind: str = "") -> str:
    return "".join(
        f'<tr class="{kind}"><th>{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in pairs
    )


def _notice(receipt: Mapping[str, Any], words: Mapping[str, str]) -> str:
    held = "" if receipt["captured"] else f"<p>{words['held_notice']}</p>"
    return held + (f"<p>{words['simulated']}</p>" if receipt["simulated"] else "")


def _sums(receipt: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Of what is only held nothing can have gone back or remain."""
    if not receipt["captured"]:
        yield "held", receipt["paid"]
        return
    yield "paid" if not receipt["released"]["amount"] else "held", receipt["paid"]
    if receipt["released"]["amount"]:
        yield "released", receipt["released"]
    yield "refunded", receipt["refunded"]
    yield "kept", receipt["kept"]


def _link(receipt: Mapping[str, Any], words: Mapping[str, str]) -> str:
    url = str(receipt["receipt_url"] or "")
    if not url.startswith("https://"):
        return ""
    return f'<p><a href="{escape(url)}" rel="noreferrer">{words["stripe"]}</a></p>'


def _in(locale: str, texts: Mapping[str, Any] | None) -> str:
    return "" if texts is None else str(texts.get(locale) or texts["en"])


def _money(value: Mapping[str, Any]) -> str:
    return str(Money(value["amount"], value["currency"]))


def _day(instant: Any) -> str:
    """The day and minute in UTC; answers of services carry instants as datetimes or as text."""
    moment = clock.from_text(instant) if isinstance(instant, str) else instant
    return f"{moment:%Y-%m-%d %H:%M} UTC"
