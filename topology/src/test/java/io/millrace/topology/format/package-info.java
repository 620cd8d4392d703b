/** Tests of the value formats. */
@NullMarked
package io.millrace.topology.format;

import org.jspecify.annotations.NullMarked;
