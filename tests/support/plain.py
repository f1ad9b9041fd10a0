"""What a client of a site on loopback need not read: the certificates of the web."""

import ssl

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For `verify=` of a client that speaks plain HTTP. By default each one reads them all, which takes a page's time."""
