//! Small scenarios worked out by hand.
