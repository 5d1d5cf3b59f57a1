"""Zone data comes from the pinned package, as in every process of the platform."""

import zoneinfo

zoneinfo.reset_tzpath(to=())
