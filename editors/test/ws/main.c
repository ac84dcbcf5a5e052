/* The half of a scheduler that is no BPF. */
int main(void)
{
	return 0;
}
