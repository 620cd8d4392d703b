/** How events become the bytes of records, and back. */
@NullMarked
package io.millrace.topology.format;

import org.jspecify.annotations.NullMarked;
