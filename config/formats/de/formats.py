"""Times say their zone, since it is nobody's own: everything here is in UTC."""

DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "d.m.Y H:i T"
