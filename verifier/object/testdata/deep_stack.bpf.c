// Two frames of 300 bytes are more than 512.
#include "tiny.h"
static __noinline u64 fill(u64 seed)
{
	volatile u64 room[37];
	for (int i = 0; i < 37; i++)
		room[i] = seed;
	return room[seed & 31];
}
#define AT_ENQUEUE							\
	volatile u64 more[37];						\
	for (int i = 0; i < 37; i++)					\
		more[i] = i;						\
	fill(more[3])
#include "fifo.h"
