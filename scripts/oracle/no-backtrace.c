/* Loaded in front of PyTorch where a C compiler is at hand: every error of PyTorch's collects a backtrace, which takes
   milliseconds, and the table of operations provokes a hundred thousand errors. */

int backtrace(void **frames, int count) {
  (void)frames;
  (void)count;
  return 0;
}
