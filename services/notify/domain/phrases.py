"""What an inbox says, in English and Arabic: one sentence for each kind of entry, reader and cause."""

from enum import StrEnum

from services.notify.domain.visit import Kind


class Reader(StrEnum):
    """Whom an entry speaks to."""

    CUSTOMER = "customer"
    PROVIDER = "provider"


class Language(StrEnum):
    """The languages of the platform."""

    ENGLISH = "en"
    ARABIC = "ar"


Phrases = dict[tuple[Kind, Reader], str]

ENGLISH: Phrases = {
    (Kind.HELD, Reader.CUSTOMER): "{service} is held for you: {when}. Pay by {until} to confirm it.",
    (Kind.HELD, Reader.PROVIDER): "A customer holds {service}: {when}. It is not paid yet.",
    (Kind.ANSWER_DUE, Reader.CUSTOMER): (
        "Paid: {service}, {when}. The provider answers by {deadline}; "
        "without an answer you get everything back."
    ),
    (Kind.ANSWER_DUE, Reader.PROVIDER): (
        "A customer has paid for {service}, {when}. Accept or decline it by {deadline}; "
        "otherwise it is cancelled."
    ),
    (Kind.PAYMENT_DUE, Reader.CUSTOMER): (
        "Not paid yet: {service}, {when}. Pay by {deadline}, or the time is no longer held for you."
    ),
    (Kind.CONFIRMED, Reader.CUSTOMER): "Confirmed: {service}, {when}.",
    (Kind.CONFIRMED, Reader.PROVIDER): "New booking: {service}, {when}.",
    (Kind.RESCHEDULED, Reader.CUSTOMER): "Moved: {service} is now on {when}.",
    (Kind.RESCHEDULED, Reader.PROVIDER): "The customer has moved {service}; it is now on {when}.",
    (Kind.CANCELLED, Reader.CUSTOMER): "Cancelled: {service}, {when}. {cause}",
    (Kind.CANCELLED, Reader.PROVIDER): "Cancelled: {service}, {when}. {cause}",
    (Kind.EXPIRED, Reader.CUSTOMER): "{service}, {when}, is no longer held for you: it was not paid in time.",
    (Kind.EXPIRED, Reader.PROVIDER): "{service}, {when}, is free again: the hold was not paid in time.",
    (Kind.NO_SHOW, Reader.CUSTOMER): (
        "Your provider says that you were not there: {service}, {when}. "
        "If you were, you can say so for a day."
    ),
    (Kind.NO_SHOW, Reader.PROVIDER): "The customer was not there: {service}, {when}.",
    (Kind.CONTESTED, Reader.CUSTOMER): "You said that you were there: {service}, {when}. We look into it.",
    (Kind.CONTESTED, Reader.PROVIDER): (
        "The customer says that they were there: {service}, {when}. The money waits until it is decided."
    ),
    (Kind.NO_SHOW_STANDS, Reader.CUSTOMER): "We decided that you missed the visit: {service}, {when}.",
    (
        Kind.NO_SHOW_STANDS,
        Reader.PROVIDER,
    ): "We decided that the customer missed the visit: {service}, {when}.",
    (Kind.REFUNDED, Reader.CUSTOMER): (
        "{amount} goes back to the card that you paid with: {service}, {when}. "
        "Your bank may take some days to show it."
    ),
    (Kind.REFUNDED, Reader.PROVIDER): "{amount} goes back to the customer: {service}, {when}.",
    (Kind.REFUND_FAILED, Reader.CUSTOMER): (
        "{amount} could not be sent back to your card yet: {service}, {when}. "
        "We are working on it; you need do nothing."
    ),
    (Kind.REFUND_FAILED, Reader.PROVIDER): (
        "{amount} could not be sent back to the customer yet: {service}, {when}. We are working on it."
    ),
    (Kind.TAKEN, Reader.CUSTOMER): (
        "{amount} was taken from your card for the {ended} visit: {service}, {when}. {rest}"
    ),
    (Kind.TAKEN, Reader.PROVIDER): (
        "{amount} was taken from the customer's card for the {ended} visit: {service}, {when}."
    ),
}
ARABIC: Phrases = {
    (Kind.HELD, Reader.CUSTOMER): "تم حجز {service} لك مؤقتًا: {when}. ادفع قبل {until} لتأكيد الحجز.",
    (Kind.HELD, Reader.PROVIDER): "حجز أحد العملاء {service} مؤقتًا: {when}. لم يُدفع ثمنه بعد.",
    (
        Kind.ANSWER_DUE,
        Reader.CUSTOMER,
    ): "تم الدفع: {service}، {when}. يرد مقدم الخدمة قبل {deadline}، وإن لم يرد يُعاد إليك المبلغ كاملًا.",
    (
        Kind.ANSWER_DUE,
        Reader.PROVIDER,
    ): "دفع أحد العملاء ثمن {service}: {when}. اقبل الموعد أو ارفضه قبل {deadline}، وإلا فسيُلغى.",
    (
        Kind.PAYMENT_DUE,
        Reader.CUSTOMER,
    ): "لم يُدفع بعد: {service}، {when}. ادفع قبل {deadline}، وإلا فلن يبقى الموعد محجوزًا لك.",
    (Kind.CONFIRMED, Reader.CUSTOMER): "تم تأكيد الحجز: {service}، {when}.",
    (Kind.CONFIRMED, Reader.PROVIDER): "حجز جديد: {service}، {when}.",
    (Kind.RESCHEDULED, Reader.CUSTOMER): "تم تغيير الموعد: {service}، الموعد الجديد {when}.",
    (Kind.RESCHEDULED, Reader.PROVIDER): "غيّر العميل موعد {service}، الموعد الجديد {when}.",
    (Kind.CANCELLED, Reader.CUSTOMER): "أُلغي الحجز: {service}، {when}. {cause}",
    (Kind.CANCELLED, Reader.PROVIDER): "أُلغي الحجز: {service}، {when}. {cause}",
    (Kind.EXPIRED, Reader.CUSTOMER): "انتهى الحجز المؤقت: {service}، {when}. لم يصل الدفع في الوقت المحدد.",
    (
        Kind.EXPIRED,
        Reader.PROVIDER,
    ): "أصبح الموعد متاحًا من جديد: {service}، {when}. لم يصل الدفع في الوقت المحدد.",
    (
        Kind.NO_SHOW,
        Reader.CUSTOMER,
    ): "يقول مقدم الخدمة إنك لم تحضر: {service}، {when}. إن كنت حاضرًا فيمكنك قول ذلك خلال يوم.",
    (Kind.NO_SHOW, Reader.PROVIDER): "لم يحضر العميل: {service}، {when}.",
    (Kind.CONTESTED, Reader.CUSTOMER): "قلت إنك كنت حاضرًا: {service}، {when}. نحن ننظر في الأمر.",
    (
        Kind.CONTESTED,
        Reader.PROVIDER,
    ): "يقول العميل إنه كان حاضرًا: {service}، {when}. يبقى المبلغ معلقًا حتى يُبتّ في الأمر.",
    (Kind.NO_SHOW_STANDS, Reader.CUSTOMER): "قررنا أنك لم تحضر الموعد: {service}، {when}.",
    (Kind.NO_SHOW_STANDS, Reader.PROVIDER): "قررنا أن العميل لم يحضر الموعد: {service}، {when}.",
    (
        Kind.REFUNDED,
        Reader.CUSTOMER,
    ): "يُعاد مبلغ {amount} إلى البطاقة التي دفعت بها: {service}، {when}. قد يظهر لدى مصرفك بعد بضعة أيام.",
    (Kind.REFUNDED, Reader.PROVIDER): "يُعاد مبلغ {amount} إلى العميل: {service}، {when}.",
    (
        Kind.REFUND_FAILED,
        Reader.CUSTOMER,
    ): "تعذّرت إعادة مبلغ {amount} إلى بطاقتك حتى الآن: {service}، {when}. نعمل على ذلك ولا يلزمك فعل شيء.",
    (
        Kind.REFUND_FAILED,
        Reader.PROVIDER,
    ): "تعذّرت إعادة مبلغ {amount} إلى العميل حتى الآن: {service}، {when}. نعمل على ذلك.",
    (Kind.TAKEN, Reader.CUSTOMER): "خُصم مبلغ {amount} من بطاقتك عن الموعد {ended}: {service}، {when}. {rest}",
    (Kind.TAKEN, Reader.PROVIDER): "خُصم مبلغ {amount} من بطاقة العميل عن الموعد {ended}: {service}، {when}.",
}

CAUSES: dict[Language, dict[tuple[str, Reader], str]] = {
    Language.ENGLISH: {
        ("customer", Reader.CUSTOMER): "You cancelled it.",
        ("customer", Reader.PROVIDER): "The customer cancelled it.",
        ("provider", Reader.CUSTOMER): "The provider cancelled it.",
        ("provider", Reader.PROVIDER): "You cancelled it.",
        ("platform", Reader.CUSTOMER): "We had to cancel it.",
        ("platform", Reader.PROVIDER): "We had to cancel it.",
        ("late_payment", Reader.CUSTOMER): "Your payment came too late and is refunded in full.",
        ("late_payment", Reader.PROVIDER): "The customer's payment came too late.",
        ("declined", Reader.CUSTOMER): "The provider declined it; you get everything back.",
        ("declined", Reader.PROVIDER): "You declined it.",
        ("unanswered", Reader.CUSTOMER): "The provider did not answer in time; you get everything back.",
        ("unanswered", Reader.PROVIDER): "It was not answered in time.",
        ("replaced", Reader.CUSTOMER): "You have paid another visit in its place; you get everything back.",
        ("replaced", Reader.PROVIDER): "The customer has booked and paid another visit in its place.",
        (
            "not_replaced",
            Reader.CUSTOMER,
        ): "The visit that it was to replace had changed before you paid; you get everything back.",
        ("not_replaced", Reader.PROVIDER): "The visit that it was to replace had changed before it was paid.",
        ("no_show_overturned", Reader.CUSTOMER): "You were there: everything is refunded.",
        ("no_show_overturned", Reader.PROVIDER): "We decided that the customer was there.",
    },
    Language.ARABIC: {
        ("customer", Reader.CUSTOMER): "لقد ألغيته.",
        ("customer", Reader.PROVIDER): "ألغاه العميل.",
        ("provider", Reader.CUSTOMER): "ألغاه مقدم الخدمة.",
        ("provider", Reader.PROVIDER): "لقد ألغيته.",
        ("platform", Reader.CUSTOMER): "اضطررنا إلى إلغائه.",
        ("platform", Reader.PROVIDER): "اضطررنا إلى إلغائه.",
        ("late_payment", Reader.CUSTOMER): "وصل دفعك متأخرًا وسيُرد المبلغ كاملًا.",
        ("late_payment", Reader.PROVIDER): "وصل دفع العميل متأخرًا.",
        ("declined", Reader.CUSTOMER): "رفضه مقدم الخدمة وسيُعاد إليك المبلغ كاملًا.",
        ("declined", Reader.PROVIDER): "لقد رفضته.",
        ("unanswered", Reader.CUSTOMER): "لم يرد مقدم الخدمة في الوقت المحدد وسيُعاد إليك المبلغ كاملًا.",
        ("unanswered", Reader.PROVIDER): "لم يُرد عليه في الوقت المحدد.",
        ("replaced", Reader.CUSTOMER): "دفعت ثمن موعد آخر بدلًا منه وسيُعاد إليك المبلغ كاملًا.",
        ("replaced", Reader.PROVIDER): "حجز العميل موعدًا آخر بدلًا منه ودفع ثمنه.",
        (
            "not_replaced",
            Reader.CUSTOMER,
        ): "تغيّر الموعد الذي كان سيحل محله قبل أن تدفع، وسيُعاد إليك المبلغ كاملًا.",
        ("not_replaced", Reader.PROVIDER): "تغيّر الموعد الذي كان سيحل محله قبل دفع ثمنه.",
        ("no_show_overturned", Reader.CUSTOMER): "كنت حاضرًا وسيُرد المبلغ كاملًا.",
        ("no_show_overturned", Reader.PROVIDER): "قررنا أن العميل كان حاضرًا.",
    },
}

ENDED = {
    Language.ENGLISH: {True: dict.fromkeys(Reader, "missed"), False: dict.fromkeys(Reader, "cancelled")},
    Language.ARABIC: {
        True: {Reader.CUSTOMER: "الذي لم تحضره", Reader.PROVIDER: "الذي لم يحضره"},
        False: dict.fromkeys(Reader, "الملغى"),
    },
}
"""Whether money was taken for a visit that was missed, or for one that was cancelled."""

RELEASED = {
    Language.ENGLISH: (
        "The other {amount} that was held is released and not taken. Your bank may take some days to show it."
    ),
    Language.ARABIC: (
        "أُفرج عن مبلغ {amount} الباقي من الحجز على بطاقتك ولن يُخصم. قد يظهر لدى مصرفك بعد بضعة أيام."
    ),
}
"""What becomes of the rest of a hold of which a part was taken."""

PHRASES = {Language.ENGLISH: ENGLISH, Language.ARABIC: ARABIC}

WEEKDAYS = {
    Language.ENGLISH: "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    Language.ARABIC: "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد".split(),
}
MONTHS = {
    Language.ENGLISH: (
        "January February March April May June July August September October November December"
    ).split(),
    Language.ARABIC: "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split(),
}
MOMENT = {
    Language.ENGLISH: "{weekday} {day} {month} {year} at {time} ({zone}, UTC{offset})",
    Language.ARABIC: "{weekday} {day} {month} {year} الساعة {time} ({zone}، UTC{offset})",
}
