/** Rehearsals: the search for the largest that fits, what grows and ends, and what NCCL's collectives come to. */
import type { Mutation } from './mutation.ts';

const answers = 'python/tests/test_rehearse.py';
const nccl = 'python/tests/test_standin_nccl.py';

export const rehearsing: readonly Mutation[] = [
  {
    rule: 'what does not fit is not the largest',
    file: 'python/esper_telemetry/rehearse/vary.py',
    from: '        else:\n            bad = middle',
    to: '        else:\n            good = middle',
    test: [answers, 'test_the_largest_that_fits'],
  },
  {
    rule: 'the largest is found within a sixteenth',
    file: 'python/esper_telemetry/rehearse/vary.py',
    from: 'max(1, good // 16)',
    to: 'max(1, good // 4)',
    test: [answers, 'test_the_largest_that_fits'],
  },
  {
    rule: 'the search doubles, and tries few values',
    file: 'python/esper_telemetry/rehearse/vary.py',
    from: 'step = min(good * 2, high)',
    to: 'step = min(good + 1, high)',
    test: [answers, 'test_the_largest_that_fits'],
  },
  {
    rule: 'where not even the smallest fits there is no largest',
    file: 'python/esper_telemetry/rehearse/vary.py',
    from: '    if not fits(low):',
    to: '    if fits(low) is None:',
    test: [answers, 'test_the_largest_that_fits'],
  },
  {
    rule: 'what is let go once an epoch does not grow',
    file: 'python/esper_telemetry/rehearse/settling.py',
    from: ' or min(steps) < 0:',
    to: ':',
    test: [answers, 'test_what_is_let_go_once_an_epoch_is_no_growth'],
  },
  {
    rule: 'growth that ends nothing within sight changes no verdict',
    file: 'python/esper_telemetry/rehearse/answer.py',
    from: '    if last > _HORIZON * done:',
    to: '    if last < 0:',
    test: [answers, 'test_a_few_numbers_an_update_change_no_verdict'],
  },
  {
    rule: 'the end is reckoned from reserved memory too, by its own growth',
    file: 'python/esper_telemetry/rehearse/answer.py',
    from: '/ max(growth, reserved))',
    to: '/ growth)',
    test: [answers, 'test_reserved_memory_that_grows_faster_than_what_is_held_ends_earlier'],
  },
  {
    rule: 'a helper whose request was refused, and that went on, ends no training',
    file: 'python/esper_telemetry/rehearse/rehearsal.py',
    from: 'not process["over"] and not is_helper:',
    to: 'not process["over"]:',
    test: [answers, 'test_a_helper_that_was_refused_and_went_on'],
  },
  {
    rule: 'what led to a backward was a forward, where gradients accumulate',
    file: 'python/esper_telemetry/rehearse/parts.py',
    from: 'if phase == "backward" and self._marks[-1][1] in _AFTER:',
    to: 'if phase == "none":',
    test: [answers, 'test_gradients_that_accumulate_have_a_forward_each'],
  },
  {
    rule: 'a block is known by its size too: its address was another’s at the peak',
    file: 'python/esper_telemetry/rehearse/parts.py',
    from: 'if places.get(address) == block.size:',
    to: 'if address in places:',
    test: [answers, 'test_a_block_is_known_by_its_address_and_size'],
  },
  {
    rule: 'ranks end after the last of them had enough',
    file: 'python/esper_telemetry/rehearse/together.py',
    from: 'and number > max(others)',
    to: '',
    test: [answers, 'test_ranks_end_after_the_same_update'],
  },
  {
    rule: 'wrong arguments do not end with the status of what does not fit',
    file: 'python/esper_telemetry/rehearse/command.py',
    from: 'self.exit(NO_ANSWER,',
    to: 'self.exit(DOES_NOT,',
    test: [answers, 'test_wrong_arguments_are_one_sentence'],
  },
  {
    rule: 'an average is the sum by the number of ranks',
    file: 'python/esper_telemetry/standin/csrc/nccl_types.c',
    from: 'r->write(out + i * width, op == NCCL_AVG ? sum / ranks : sum);',
    to: 'r->write(out + i * width, sum);',
    test: [nccl, 'test_collectives_and_models_over_two_ranks'],
  },
  {
    rule: 'ranks gather their own shares, each in its place',
    file: 'python/esper_telemetry/standin/csrc/nccl_collectives.c',
    from: 'put(x, (size_t)rank * x->each + offset, data[rank], bytes)',
    to: 'put(x, (size_t)rank * x->each + offset, data[c->rank], bytes)',
    test: [nccl, 'test_collectives_and_models_over_two_ranks'],
  },
  {
    rule: 'two ranks on one device are refused',
    file: 'python/esper_telemetry/standin/csrc/nccl_room.c',
    from: 'if (rank != c->rank && c->room->rank[rank].device == c->device)',
    to: 'if (rank < 0)',
    test: [nccl, 'test_without_torch_two_ranks_on_one_device_and_one_that_is_gone'],
  },
  {
    rule: 'buffers of NCCL are memory of the device',
    file: 'python/esper_telemetry/standin/csrc/nccl_room.c',
    from: 'if (st_charge(c->device, bytes)) return',
    to: 'if (bytes == 1) return',
    test: [nccl, 'test_without_torch_two_ranks_on_one_device_and_one_that_is_gone'],
  },
];
