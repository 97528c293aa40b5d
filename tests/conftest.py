"""What all tests share."""

import signal

# A test run started in the background ignores SIGINT, and so would every program that
# a test starts and interrupts. A handler, unlike an ignored signal, is not inherited.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
