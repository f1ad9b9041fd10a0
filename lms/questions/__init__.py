"""The stored question bank: items with their versions, imports, and blueprints.

Words: *item* (试题, one question in the bank), *version* (one immutable wording of an item), *import batch*
(one uploaded file: checked first, then accepted whole or not at all, both by jobs), *staged item* (a row written
aside until its whole file comes in), *blueprint* (组卷方案, which kinds of
question make a paper: a draft until it is published, then never changed).
Neighbours: `question_bank` (the pure craft), accounts and audit below; plans look at blueprints, exam draws papers.
"""
