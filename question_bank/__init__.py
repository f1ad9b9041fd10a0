"""The pure craft of questions: what an item is, when it is sound, how a paper is drawn and how it is graded.

Nothing here knows the web, the database or the rooms of `lms`; every function gives the same output for the
same input, so authors can use it from the command line (`python -m question_bank check FILE`) and the
platform can trust it with a live exam.

Words: an *item* (试题) is a question in the bank, a *blueprint* (组卷方案) says how many items of which
kind make a paper, a *paper* (试卷) is what one candidate sees, its *key* (答案表) is what the grader sees,
*points* (分) are counted in whole hundredths.

Neighbours: `lms.questions` stores items and blueprints, `lms.exam` freezes papers and grades attempts.
"""
