/** What happens when a record, or a stream thread, fails where no processor can see it. */
@NullMarked
package io.millrace.topology.handler;

import org.jspecify.annotations.NullMarked;
