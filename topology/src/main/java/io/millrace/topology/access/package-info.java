/** What brokers let a processor do, and what to mend where they refuse. */
@NullMarked
package io.millrace.topology.access;

import org.jspecify.annotations.NullMarked;
