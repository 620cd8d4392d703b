/** The processors: decode and validate, in flight, and the events that come out. */
@NullMarked
package io.millrace.topology.processor;

import org.jspecify.annotations.NullMarked;
