/** Tests of the configuration. */
@NullMarked
package io.millrace.topology.access;

import org.jspecify.annotations.NullMarked;
