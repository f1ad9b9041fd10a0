"""Writing questions out again, in forms that `question_bank.importing` reads back without loss."""
