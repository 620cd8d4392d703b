/**
 * Which prompts run together, and when: micro-batches per partition, admission into slots between
 * decode steps.
 *
 * <p>Pure JDK. No class here reads a clock, starts a thread or locks: time is passed in as
 * monotonic nanoseconds ({@link java.lang.System#nanoTime()}), and each object belongs to one
 * thread.
 */
@NullMarked
package io.millrace.batching;

import org.jspecify.annotations.NullMarked;
