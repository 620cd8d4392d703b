/** Meters of what goes through the topology. */
@NullMarked
package io.millrace.topology.metrics;

import org.jspecify.annotations.NullMarked;
