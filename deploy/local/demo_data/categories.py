"""The twelve categories of care and what is usually offered in each, in English and Arabic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Offer:
    """A service as it is commonly offered; `usd` is the price of the original in whole dollars."""

    english: str
    arabic: str
    minutes: int
    usd: int


@dataclass(frozen=True)
class Category:
    """A kind of care; `business_*` make a provider's name from a word such as Harbor."""

    slug: str
    english: str
    arabic: str
    business_english: str
    business_arabic: str
    offers: tuple[Offer, ...]


CATEGORIES = (
    Category(
        "home-nursing",
        "Home nursing",
        "التمريض المنزلي",
        "{} Home Nursing",
        "مركز {} للتمريض المنزلي",
        (
            Offer("Nurse visit", "زيارة ممرضة", 45, 85),
            Offer("Wound dressing at home", "تضميد الجروح في المنزل", 60, 110),
            Offer("Injection or infusion at home", "حقن أو تسريب وريدي في المنزل", 30, 70),
            Offer("Night nurse", "ممرضة ليلية", 240, 320),
        ),
    ),
    Category(
        "physiotherapy",
        "Physiotherapy",
        "العلاج الطبيعي",
        "{} Physiotherapy",
        "عيادة {} للعلاج الطبيعي",
        (
            Offer("First physiotherapy assessment", "تقييم أول للعلاج الطبيعي", 60, 120),
            Offer("Physiotherapy session", "جلسة علاج طبيعي", 45, 90),
            Offer("Back and neck treatment", "علاج الظهر والرقبة", 45, 95),
            Offer("Sports injury treatment", "علاج إصابات الرياضة", 60, 115),
        ),
    ),
    Category(
        "massage",
        "Massage",
        "التدليك",
        "{} Massage",
        "مركز {} للتدليك",
        (
            Offer("Swedish massage", "تدليك سويدي", 60, 95),
            Offer("Deep tissue massage", "تدليك الأنسجة العميقة", 90, 140),
            Offer("Back and shoulder massage", "تدليك الظهر والكتفين", 30, 55),
            Offer("Prenatal massage", "تدليك الحوامل", 60, 105),
        ),
    ),
    Category(
        "elderly-care",
        "Elderly care",
        "رعاية المسنين",
        "{} Elderly Care",
        "دار {} لرعاية المسنين",
        (
            Offer("Companion visit", "زيارة مرافقة", 120, 90),
            Offer("Personal care and bathing", "العناية الشخصية والاستحمام", 60, 60),
            Offer("Escort to an appointment", "مرافقة إلى موعد", 180, 130),
            Offer("Meal preparation and care", "تحضير الطعام والرعاية", 90, 70),
        ),
    ),
    Category(
        "child-care",
        "Child care",
        "رعاية الأطفال",
        "{} Child Care",
        "بيت {} لرعاية الأطفال",
        (
            Offer("Babysitting, two hours", "مجالسة أطفال لساعتين", 120, 60),
            Offer("After-school care", "رعاية بعد المدرسة", 180, 85),
            Offer("Homework help", "مساعدة في الواجبات المدرسية", 60, 45),
            Offer("Evening babysitting", "مجالسة أطفال مسائية", 240, 110),
        ),
    ),
    Category(
        "speech-therapy",
        "Speech therapy",
        "علاج النطق",
        "{} Speech Therapy",
        "مركز {} لعلاج النطق",
        (
            Offer("Speech and language assessment", "تقييم النطق واللغة", 60, 130),
            Offer("Speech therapy session", "جلسة علاج النطق", 45, 95),
            Offer("Speech therapy for children", "علاج النطق للأطفال", 30, 75),
        ),
    ),
    Category(
        "occupational-therapy",
        "Occupational therapy",
        "العلاج الوظيفي",
        "{} Occupational Therapy",
        "مركز {} للعلاج الوظيفي",
        (
            Offer("Home safety assessment", "تقييم سلامة المنزل", 90, 150),
            Offer("Occupational therapy session", "جلسة علاج وظيفي", 60, 110),
            Offer("Hand therapy", "علاج اليد", 45, 95),
        ),
    ),
    Category(
        "post-surgery-care",
        "Care after surgery",
        "الرعاية بعد الجراحة",
        "{} Recovery Care",
        "مركز {} للرعاية بعد الجراحة",
        (
            Offer("First day at home after surgery", "اليوم الأول في المنزل بعد الجراحة", 180, 210),
            Offer("Recovery check", "متابعة التعافي", 45, 80),
            Offer("Mobility training after surgery", "تدريب على الحركة بعد الجراحة", 60, 100),
        ),
    ),
    Category(
        "dementia-care",
        "Dementia care",
        "رعاية مرضى الخرف",
        "{} Memory Care",
        "دار {} لرعاية الذاكرة",
        (
            Offer("Memory care visit", "زيارة رعاية الذاكرة", 120, 115),
            Offer("Relief for family carers", "إراحة مقدمي الرعاية من الأسرة", 240, 200),
            Offer("Activity hour", "ساعة نشاط", 60, 65),
        ),
    ),
    Category(
        "nutrition",
        "Nutrition",
        "التغذية",
        "{} Nutrition",
        "عيادة {} للتغذية",
        (
            Offer("First nutrition consultation", "استشارة تغذية أولى", 60, 100),
            Offer("Follow-up on your plan", "متابعة الخطة الغذائية", 30, 55),
            Offer("Diabetes diet plan", "خطة غذائية لمرضى السكري", 45, 85),
        ),
    ),
    Category(
        "mental-health",
        "Mental health",
        "الصحة النفسية",
        "{} Counselling",
        "مركز {} للصحة النفسية",
        (
            Offer("Counselling session", "جلسة إرشاد نفسي", 50, 120),
            Offer("Couples counselling", "إرشاد الأزواج", 80, 170),
            Offer("Stress and sleep coaching", "تدريب على التوتر والنوم", 50, 95),
        ),
    ),
    Category(
        "newborn-care",
        "Newborn care",
        "رعاية حديثي الولادة",
        "{} Newborn Care",
        "بيت {} لرعاية المواليد",
        (
            Offer("Midwife visit", "زيارة قابلة", 60, 105),
            Offer("Breastfeeding support", "دعم الرضاعة الطبيعية", 60, 90),
            Offer("Newborn night care", "رعاية ليلية للمولود", 240, 280),
        ),
    ),
)

# Words of which providers' names are made; one for every twelve providers, so that no two names are equal.
NAME_WORDS = (
    ("Harbor", "الميناء"),
    ("Olive", "الزيتون"),
    ("Cedar", "الأرز"),
    ("Jasmine", "الياسمين"),
    ("Crescent", "الهلال"),
    ("Willow", "الصفصاف"),
    ("Amber", "الكهرمان"),
    ("Meridian", "الأفق"),
    ("Lantern", "الفانوس"),
    ("Pearl", "اللؤلؤة"),
    ("Oasis", "الواحة"),
    ("Lighthouse", "المنارة"),
    ("Maple", "القيقب"),
    ("Spring", "الربيع"),
    ("Lotus", "اللوتس"),
    ("Palm", "النخلة"),
    ("Compass", "البوصلة"),
    ("Haven", "الملاذ"),
    ("Silver", "الفضة"),
    ("Sunrise", "الشروق"),
    ("River", "النهر"),
    ("Garden", "الحديقة"),
    ("Beacon", "المشعل"),
    ("Horizon", "المدى"),
    ("Gentle", "الرفق"),
    ("Evergreen", "الخضرة"),
    ("Blossom", "الزهرة"),
    ("Serene", "السكينة"),
)
