/** Tests of the configuration. */
@NullMarked
package io.millrace.topology.metrics;

import org.jspecify.annotations.NullMarked;
