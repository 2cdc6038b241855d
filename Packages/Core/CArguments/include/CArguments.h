#ifndef CARGUMENTS_H
#define CARGUMENTS_H

// The arguments of this process as the system handed them over, before any library of the program could run.
//
// Swift on Linux looks for them on the stack, upwards from where `environ` points
// (https://github.com/swiftlang/swift/issues/76080): it finds none when a preloaded library has called setenv, as XALT
// does on many clusters, and none without /proc.

// How many there are, the program's name among them; 0 where the system hands none to constructors (musl).
int carguments_count(void);

// The argument of that index, which lives as long as the process; NULL when there is none.
const char *carguments_at(int index);

#endif
