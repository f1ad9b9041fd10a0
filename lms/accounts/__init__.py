"""People, credentials, organisations, roles and scopes, consents, sessions and sign-in.

Words: *person* (one human, whatever roles), *organisation* (province > city > institution, 机构),
*grant* (a role held within an organisation's scope), *consent* (a recorded agreement, H22),
*login session* (a server-side, revocable session), *profile* (the data form of A4 and A5).
Neighbours: audit and core below; every room that asks who somebody is, above.
"""
