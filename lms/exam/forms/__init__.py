"""What the exam's pages send, read and checked."""
