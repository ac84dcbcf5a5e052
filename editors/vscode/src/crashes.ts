// How often the server may end unexpectedly. Pure.

/** Five in three minutes are a server that does not work, not one that stumbled. */
const limit = 5;
const window = 3 * 60 * 1000;

export class Crashes {
  private times: number[] = [];

  /** add notes a crash and tells whether to start the server again. */
  add(now: number): boolean {
    this.times = this.times.filter((t) => now - t < window);
    this.times.push(now);
    return this.times.length < limit;
  }
}
