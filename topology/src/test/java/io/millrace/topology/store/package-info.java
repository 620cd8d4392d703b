/** Tests of the stores. */
@NullMarked
package io.millrace.topology.store;

import org.jspecify.annotations.NullMarked;
