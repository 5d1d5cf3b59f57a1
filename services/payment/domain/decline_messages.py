"""What a customer reads when a card was refused: what happened and what to do, in English and Arabic."""

from services.payment.domain.declines import DeclineReason

ENGLISH = {
    DeclineReason.DECLINED: "The card was declined. Try another card or ask your bank.",
    DeclineReason.INSUFFICIENT_FUNDS: "The card has not enough funds. Try another card.",
    DeclineReason.EXPIRED_CARD: "The card has expired. Try another card.",
    DeclineReason.INCORRECT_CVC: "The card's security code is not right. Check it and try again.",
    DeclineReason.INCORRECT_DETAILS: "The card's details are not right. Check them and try again.",
    DeclineReason.NOT_SUPPORTED: "The card does not allow this kind of payment. Try another card.",
    DeclineReason.LIMIT_EXCEEDED: "The card's limit is reached. Try another card or ask your bank.",
    DeclineReason.PROCESSING_ERROR: (
        "The card could not be processed. Nothing was charged. Try again in a moment or try another card."
    ),
    DeclineReason.TRY_AGAIN: "The card could not be processed just now. Try again in a moment.",
    DeclineReason.AUTHENTICATION_FAILED: (
        "Your bank could not confirm that it was you. Try again or try another card."
    ),
}
ARABIC = {
    DeclineReason.DECLINED: "رُفضت البطاقة. جرّب بطاقة أخرى أو اسأل مصرفك.",
    DeclineReason.INSUFFICIENT_FUNDS: "رصيد البطاقة غير كافٍ. جرّب بطاقة أخرى.",
    DeclineReason.EXPIRED_CARD: "انتهت صلاحية البطاقة. جرّب بطاقة أخرى.",
    DeclineReason.INCORRECT_CVC: "رمز أمان البطاقة غير صحيح. تحقق منه وحاول مرة أخرى.",
    DeclineReason.INCORRECT_DETAILS: "بيانات البطاقة غير صحيحة. تحقق منها وحاول مرة أخرى.",
    DeclineReason.NOT_SUPPORTED: "لا تسمح البطاقة بهذا النوع من الدفع. جرّب بطاقة أخرى.",
    DeclineReason.LIMIT_EXCEEDED: "بلغت البطاقة حدّها الأقصى. جرّب بطاقة أخرى أو اسأل مصرفك.",
    DeclineReason.PROCESSING_ERROR: (
        "تعذّرت معالجة البطاقة ولم يُخصم أي مبلغ. حاول مرة أخرى بعد قليل أو جرّب بطاقة أخرى."
    ),
    DeclineReason.TRY_AGAIN: "تعذّرت معالجة البطاقة الآن. حاول مرة أخرى بعد قليل.",
    DeclineReason.AUTHENTICATION_FAILED: (
        "لم يتمكن مصرفك من التأكد من هويتك. حاول مرة أخرى أو جرّب بطاقة أخرى."
    ),
}
MESSAGES = {"en": ENGLISH, "ar": ARABIC}


def decline_message(reason: DeclineReason, locale: str) -> str:
    """The sentence in the caller's language; English for one that is not known."""
    return MESSAGES.get(locale, ENGLISH)[reason]
