package io.millrace.runtime.bench;

import java.util.OptionalLong;

/**
 * What a soak had done and took at the end of a part, when no request was under way.
 *
 * @param seconds since its beginning, memory's sampling included
 * @param tokens generated
 * @param completed requests
 * @param cancelled requests
 * @param expired requests
 * @param refused submissions, because enough others waited
 * @param heapBytes in use after a garbage collection
 * @param residentBytes of the process, where the system tells
 */
public record SoakSample(
    double seconds,
    long tokens,
    long completed,
    long cancelled,
    long expired,
    long refused,
    long heapBytes,
    OptionalLong residentBytes) {}
