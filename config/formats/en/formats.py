"""English is read everywhere: dates as ISO 8601 has them, which nobody takes for another day. Times say their zone,
since it is nobody's own: everything here is in UTC."""

SHORT_DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "Y-m-d H:i T"
