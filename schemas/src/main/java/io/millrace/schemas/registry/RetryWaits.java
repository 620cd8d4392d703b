package io.millrace.schemas.registry;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before the next try: doubling, bounded, and spread over half its range so that
 * many clients do not come back at once.
 */
record RetryWaits(Duration first, Duration longest) {

  /**
   * @param retry from 0
   */
  Duration before(int retry) {
    var doubled = first.toMillis() << Math.min(retry, 20);
    var bounded = Math.clamp(doubled, 0, longest.toMillis());
    return Duration.ofMillis(bounded - ThreadLocalRandom.current().nextLong(bounded / 2 + 1));
  }
}
