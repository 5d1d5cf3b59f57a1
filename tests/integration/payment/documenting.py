"""Asking for documents and reading them."""

import base64
import io
from typing import Any

import pypdf


def words_of(answer: dict[str, Any]) -> set[str]:
    pdf = pypdf.PdfReader(io.BytesIO(base64.b64decode(answer["pdf_base64"])))
    return {word for page in pdf.pages for word in page.extract_text().split()}


def about(payment_id: str, amount: int = 10000, name: str = "Massage") -> dict[str, Any]:
    return {
        "payment_id": payment_id,
        "customer_name": "Maryam",
        "provider_name": "Calm",
        "visit": "2027-01-15 10:00",
        "lines": [{"name": name, "amount": {"amount": amount, "currency": "USD"}}],
    }
