/** What may be said of a failure in the log. */
@NullMarked
package io.millrace.topology.log;

import org.jspecify.annotations.NullMarked;
