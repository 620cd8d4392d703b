package io.millrace.runtime.engine;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many rows may be decoded together. As many as there are slots, until a step fails that no
 * single row makes fail, as when the machine has no memory left for one of that size; then half as
 * many, and after many good steps twice as many again.
 */
final class BatchLimit {

  static final int GOOD_STEPS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(BatchLimit.class);

  private final int slots;
  private int rows;
  private int goodSteps;

  BatchLimit(int slots) {
    this.slots = slots;
    this.rows = slots;
  }

  int rows() {
    return rows;
  }

  void failed(int together) {
    rows = Math.max(1, together / 2);
    goodSteps = 0;
    LOG.error("{} rows cannot be decoded together, though each can alone: {} now", together, rows);
  }

  void succeeded() {
    goodSteps++;
    if (rows < slots && goodSteps >= GOOD_STEPS) {
      rows = Math.min(slots, 2 * rows);
      goodSteps = 0;
      LOG.info("{} rows are decoded together again", rows);
    }
  }
}
