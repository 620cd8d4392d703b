package io.millrace.runtime.bench;

/**
 * One kind of text, generated with speculation and without.
 *
 * @param text what it is
 * @param with speculation
 * @param without it, measured in turns
 * @param accepted drafted tokens that were right, of all repeats together
 * @param rejected those that were not
 * @param differing tokens that were not the same with and without
 */
public record SpeculationMeasurement(
    String text, Speeds with, Speeds without, long accepted, long rejected, long differing) {}
