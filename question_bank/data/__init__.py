"""The examiner course's own questions (`examiner-course.xlsx`) and the blueprint that goes with them."""
