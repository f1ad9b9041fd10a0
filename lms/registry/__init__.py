"""The registry: who is an examiner now, and how anyone can check it.

Words: *entry* (登记, one person's standing in one occupation at one level), *verification* (查验, the
public page that shows certificate and entry together), *look-up* (one try at it, counted per address).
Neighbours: certificates behind it; dashboards ahead. A registrar reaches the entries whose issuing
organisation lies within his scope: who issues is who manages (谁发证、谁管理, A24).
"""
