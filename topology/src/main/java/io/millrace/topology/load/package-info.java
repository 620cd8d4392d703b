/** How loaded each partition is: written by its task, read by its consumer and by gauges. */
@NullMarked
package io.millrace.topology.load;

import org.jspecify.annotations.NullMarked;
