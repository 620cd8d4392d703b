package io.millrace.cli.verify;

import io.millrace.cli.topics.Place;
import org.jspecify.annotations.Nullable;

/**
 * A promise that was not kept.
 *
 * @param requestId of the prompt, if it is about one
 * @param place of a record that shows it, if there is one
 * @param detail for people
 */
public record Violation(
    Rule rule, @Nullable String requestId, @Nullable Place place, String detail) {}
