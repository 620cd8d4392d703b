package io.millrace.runtime.bench;

/** When the requests of a load come. */
public sealed interface Arrivals {

  /**
   * Always so many at once: the next comes when one has ended.
   *
   * @param requests 1 or more
   */
  record Concurrent(int requests) implements Arrivals {

    /**
     * @throws IllegalArgumentException if there are none
     */
    public Concurrent {
      if (requests < 1) {
        throw new IllegalArgumentException("at least one request at once");
      }
    }
  }

  /**
   * Independent of each other and of the engine, as from many users: exponentially distributed
   * gaps.
   *
   * @param perSecond the mean rate, more than 0
   */
  record Poisson(double perSecond) implements Arrivals {

    /**
     * @throws IllegalArgumentException if none would ever come
     */
    public Poisson {
      if (!(perSecond > 0)) {
        throw new IllegalArgumentException("a rate of more than nothing");
      }
    }
  }
}
