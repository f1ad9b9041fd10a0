"""Certificates: numbers, the printed file, and what becomes of it.

Words: *certificate* (电子证书, one document for one passed application), *number* (证书编号, made by a
named number rule, C6 and H1), *verification code* (the unguessable part of the QR code), *sheet* (what is
printed, as plain values), *subset font* (the certificate font cut to GB2312 once at set-up).
Neighbours: enrolment and plans behind it; registry ahead, which shows certificate and entry together.
"""
