"""Words of times in the languages forums come in: English, German, French, Spanish, Russian; of days and months also
Italian, Portuguese, Dutch, Polish and Ukrainian, short forms left out where they are words of other languages."""

from datetime import timedelta

from crawler.post import Precision

_MONTH_WORDS = (
    "jan january januar jän jänner janv janvier ene enero янв января январь gennaio janeiro januari stycznia "
    "styczeń січ січня",
    "feb february februar févr fév février febrero фев февр февраля февраль febbraio fevereiro fev februari lutego "
    "luty лют лютого",
    "mar march mär märz mrz mars marzo мар марта март março maart mrt marca marzec бер березня",
    "apr april avr avril abr abril апр апреля апрель aprile kwietnia kwiecień квіт квітня",
    "may mai mayo мая май maggio maio mei maja трав травня",
    "jun june juni juin junio июн июня июнь giugno junho czerwca czerwiec черв червня",
    "jul july juli juil juillet julio июл июля июль luglio julho lipca lipiec лип липня",
    "aug august août aou ago agosto авг августа август augustus sierpnia sierpień серп серпня",
    "sep sept september septembre septiembre set сен сент сентября сентябрь settembre setembro września wrzesień "
    "вер вересня",
    "oct october okt oktober octobre octubre окт октября октябрь ottobre outubro października październik жовт жовтня",
    "nov november novembre noviembre ноя нояб ноября ноябрь novembro listopada listopad лист листопада",
    "dec december dez dezember déc décembre dic diciembre дек декабря декабрь dicembre dezembro grudnia grudzień "
    "груд грудня",
)
MONTHS = {word: number for number, words in enumerate(_MONTH_WORDS, 1) for word in words.split()}
"""Month names and their short forms, lower case, without dots → 1 to 12."""

DAY_WORDS = {
    word: back
    for back, words in enumerate(
        (
            "today heute aujourd'hui hoy сегодня oggi hoje vandaag dziś dzisiaj сьогодні",
            "yesterday gestern hier ayer вчера ieri ontem gisteren wczoraj вчора",
        )
    )
    for word in words.split()
}
"""Names of days → how many days back."""

_WEEKDAY_WORDS = (
    "monday mon montag lundi lunes понедельник",
    "tuesday tue dienstag mardi martes вторник",
    "wednesday wed mittwoch mercredi miércoles среда",
    "thursday thu donnerstag jeudi jueves четверг",
    "friday fri freitag vendredi viernes пятница",
    "saturday sat samstag samedi sábado суббота",
    "sunday sun sonntag dimanche domingo воскресенье",
)
WEEKDAYS = {word: number for number, words in enumerate(_WEEKDAY_WORDS) for word in words.split()}
"""Names of weekdays → 0 (Monday) to 6."""

NOW_WORDS = ("just now", "a moment ago", "gerade eben", "à l'instant", "только что")

_UNIT_WORDS = (
    (timedelta(seconds=1), Precision.SECOND, "s sec secs second seconds sekunde sekunden secondes segundos секунд"),
    (
        timedelta(minutes=1),
        Precision.MINUTE,
        "m min mins minute minutes minuten minuto minutos минут минуты минуту мин",
    ),
    (
        timedelta(hours=1),
        Precision.HOUR,
        "h hr hrs hour hours stunde stunden heure heures hora horas час часа часов",
    ),
    (timedelta(days=1), Precision.DAY, "d day days tag tagen jour jours día días dia dias день дня дней"),
)
AGO_UNITS = {word: (span, precision) for span, precision, words in _UNIT_WORDS for word in words.split()}
"""Units of "2 hours ago" → (length, precision)."""
