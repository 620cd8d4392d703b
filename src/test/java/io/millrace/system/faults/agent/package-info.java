/** What makes steps of the model fail in a processor that is otherwise as it is delivered. */
@NullMarked
package io.millrace.system.faults.agent;

import org.jspecify.annotations.NullMarked;
