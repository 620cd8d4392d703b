/** Tests of what is logged. */
@NullMarked
package io.millrace.topology.log;

import org.jspecify.annotations.NullMarked;
